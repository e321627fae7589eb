"""Names and tracks are written down before their number can be used."""

import json
from pathlib import Path

from explorer.records import names
from explorer.records.states import TrackKind


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_name_is_written_once_and_at_once(tmp_path: Path) -> None:
    writer = names.NameWriter(tmp_path / "names.jsonl")
    first, again, other = writer.name("GET /job"), writer.name("GET /job"), writer.name("job")
    assert (first, again, other) == (1, 1, 2)
    assert lines(tmp_path / "names.jsonl") == [{"name": 1, "text": "GET /job"}, {"name": 2, "text": "job"}]
    writer.close()


def test_a_track_carries_its_extras(tmp_path: Path) -> None:
    writer = names.NameWriter(tmp_path / "names.jsonl")
    process = writer.track(TrackKind.PROCESS, "server")
    thread = writer.track(TrackKind.THREAD, "worker", parent=process, tid=77)
    writer.close()
    assert lines(tmp_path / "names.jsonl")[1] == {
        "track": thread,
        "kind": "thread",
        "text": "worker",
        "parent": process,
        "tid": 77,
    }


def test_past_the_limit_everything_is_other(tmp_path: Path) -> None:
    writer = names.NameWriter(tmp_path / "names.jsonl")
    limit = names.NAME_LIMIT
    numbers = {writer.name(str(number)) for number in range(limit + 50)}
    writer.close()
    assert len(numbers) == limit
    assert lines(tmp_path / "names.jsonl")[-1]["text"] == names.OTHER
