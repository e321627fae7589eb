"""The sentence about what may not be looked at."""

from explorer.session.not_sampled import refusals


def test_one_sentence_for_one_reason_and_none_where_nothing_helps() -> None:
    same = {"reason": "It is closed.", "remedy": "Open it.", "command": "open it", "pids": [7]}
    lacks = [
        {**same, "what": ["states"]},
        {**same, "what": ["gil"]},
        {"what": ["gil"], "reason": "There is none.", "remedy": "", "pids": [8]},
    ]
    assert refusals({"lacks": lacks}) == [
        (
            "Not seen: thread states and the GIL's holder; CPU times and late sleeps stand in for them. "
            "It is closed. Open it.",
            "open it",
        )
    ]
    assert refusals({"lacks": lacks[2:]}) == []
