"""Records that travel with the reports: what fits, what is counted as lost, what becomes of long requests."""

import base64
from typing import Any

from explorer.load.forwarded import ForwardedRecords
from explorer.records.schema import RECORD, SIZE
from explorer.records.states import Flag


def rows(report: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    """Start, duration, request and flags of each record."""
    data = base64.b64decode(report["records"])
    fields = [RECORD.unpack_from(data, place) for place in range(0, len(data), SIZE)]
    return [(row[0], row[1], row[2], row[-1]) for row in fields]


def test_a_request_between_two_reports_is_one_record() -> None:
    records = ForwardedRecords(100, 10)
    name = records.name("GET /job")
    request = records.next_request()
    records.begin(request, name, 5)
    records.complete(request, name, 5, 8, 200)
    report = records.along({"sent": 1})
    assert report["sent"] == 1
    assert report["names"] == {1: "GET /job"}
    assert rows(report) == [(5, 3, 100, Flag.COMPLETE)]
    assert "names" not in records.along({})


def test_a_long_request_is_told_when_it_begins_and_when_it_ends() -> None:
    records = ForwardedRecords(1, 10)
    records.begin(1, 1, 5)
    assert rows(records.along({})) == [(5, 0, 1, Flag.BEGIN)]
    assert rows(records.along({})) == []
    records.complete(1, 1, 5, 300, 200)
    assert rows(records.along({})) == [(5, 295, 1, Flag.COMPLETE)]


def test_what_has_no_room_is_counted_but_the_end_of_what_is_shown_always_comes() -> None:
    records = ForwardedRecords(1, 3)
    records.begin(99, 1, 1)
    first = records.along({})
    for request in range(5):
        records.begin(request, 1, 10)
        records.complete(request, 1, 10, 11, 200)
    records.complete(99, 1, 1, 12, 200)
    second = records.along({})
    assert [row[2] for row in rows(second)] == [0, 1, 2, 99]
    assert second["lost"] == 2
    assert second["written"] == len(rows(first)) + len(rows(second)) + second["lost"]
