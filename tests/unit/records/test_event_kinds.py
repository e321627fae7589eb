"""The declaration of event kinds is complete and says each thing once."""

from explorer.records.event_kinds import BY_KIND, EVENT_KINDS, EVENTS, NUMBER, EventKind


def test_every_kind_is_declared_once_with_its_words() -> None:
    assert sorted(EVENT_KINDS) == sorted(EventKind)
    assert set(BY_KIND) == set(EventKind) == set(NUMBER)
    for declared in EVENTS:
        assert all((declared.title, declared.short, declared.wait)), declared
        assert len(declared.short) <= 24
        assert declared.sentence.endswith("."), declared


def test_the_names_are_those_that_files_and_figures_use() -> None:
    assert [str(kind) for kind in EVENT_KINDS] == ["http", "websocket", "sse", "database", "timer", "thread", "signal"]
    assert [NUMBER[kind] for kind in EVENT_KINDS] == list(range(1, 8))


def test_no_record_tells_of_two_kinds() -> None:
    records = [record for declared in EVENTS for record in declared.records]
    assert len(records) == len(set(records))
    assert all(declared.records for declared in EVENTS)
