"""Counts since the last report and in all."""

from explorer.load.histogram import Histogram
from explorer.load.tally import MOST_SENTENCES, Tally


def counted(tally: Tally, ok: int, latency_ns: int) -> None:
    for _ in range(ok):
        tally.sent += 1
        tally.ok += 1
        tally.latency.append(latency_ns)
        tally.service.append(latency_ns // 2)
        tally.send_lag.append(1000)


def test_an_interval_holds_only_what_is_new() -> None:
    tally = Tally()
    counted(tally, 3, 200_000_000)
    first = tally.interval()
    counted(tally, 2, 400_000_000)
    second = tally.interval()
    assert (first["sent"], second["sent"]) == (3, 2)
    assert sum(second["latency"].values()) == 2
    assert Histogram.from_bins(second["service"]).percentile(50) > 0.19
    assert second["latency_sum"] == 0.8
    assert second["latency_max"] == 0.4
    assert tally.interval()["latency"] == {}


def test_totals_hold_everything() -> None:
    tally = Tally()
    counted(tally, 3, 200_000_000)
    tally.interval()
    counted(tally, 2, 400_000_000)
    tally.interval()
    totals = tally.totals()
    assert totals["ok"] == 5
    assert sum(totals["latency"].values()) == sum(totals["send_lag"].values()) == 5
    assert totals["latency_max"] == 0.4


def test_failures_are_counted_by_their_sentence() -> None:
    tally = Tally()
    for sentence in ("a", "b", "a"):
        tally.error(sentence)
    assert tally.interval()["errors"] == {"a": 2, "b": 1}
    tally.error("a")
    assert tally.interval()["errors"] == {"a": 1}
    assert tally.totals()["errors"] == {"a": 3, "b": 1}


def test_too_many_different_failures_share_one_count() -> None:
    tally = Tally()
    for number in range(MOST_SENTENCES + 10):
        tally.error(f"reason {number}")
    assert tally.errors["other failures"] == 10


def test_a_new_load_counts_from_zero() -> None:
    tally = Tally()
    counted(tally, 3, 1000)
    tally.error("a")
    tally.restart()
    assert tally.interval()["sent"] == 0
    assert tally.totals()["errors"] == {}


def test_what_came_beside_answers_is_counted_apart() -> None:
    tally = Tally()
    counted(tally, 1, 1000)
    tally.events += 5
    tally.resumed += 1
    tally.first_event.append(20_000_000)
    first = tally.interval()
    tally.events += 2
    second = tally.interval()
    assert (first["ok"], first["events"], first["resumed"]) == (1, 5, 1)
    assert (second["ok"], second["events"], second["resumed"], second["first_event"]) == (0, 2, 0, {})
    assert Histogram.from_bins(first["first_event"]).percentile(50) > 0.019
    totals = tally.totals()
    assert (totals["events"], totals["resumed"], totals["first_event_sum"]) == (7, 1, 0.02)
    tally.restart()
    assert (tally.events, tally.resumed, tally.totals()["first_event"]) == (0, 0, {})


def test_good_answers_are_counted_by_their_status() -> None:
    tally = Tally()
    tally.statuses.update({200: 3, 304: 1})
    assert tally.interval()["statuses"] == {"200": 3, "304": 1}
    tally.statuses[200] += 1
    assert tally.interval()["statuses"] == {"200": 1}
    assert tally.totals()["statuses"] == {"200": 4, "304": 1}
