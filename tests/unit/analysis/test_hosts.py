"""A load from several hosts: its lines in the figures, and charts drawn from reports, since spans come late or not."""

from typing import Any

import pytest

from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Batch, Track
from explorer.records.states import Kind, TrackKind
from tests.unit.analysis.runs import LOAD, MS, SCENARIO, T0, S, declared, load_event, spans

FAR = 20


def line(host: str, **more: Any) -> dict[str, Any]:
    counts = {"sent": 10, "ok": 9, "failed": 1, "timed_out": 0}
    records = {"written": 20, "read": 15, "lost": 5}
    figures = {"send_lag_p99_ms": 0.5, "clock_error_ms": 0.25, "records": records, "ended": None}
    return {"host": host, **counts, **figures, **more}


def fed(seconds: int = 4, rate: int = 100) -> RunStatistics:
    """A load of two hosts, of whose requests only one in ten comes as a span, and that late."""
    statistics = RunStatistics()
    statistics.feed(declared())
    statistics.feed(Batch(T0, tracks=[Track(FAR, TrackKind.HOST, "w1 ±0.3 ms", LOAD)]))
    for tenth in range(seconds * 10):
        end = T0 + (tenth + 1) * 100 * MS
        event = load_event(end, [0.05] * (rate // 10)) | {"hosts": [line("w1"), line("w2")]}
        late = spans((FAR, end - 90 * MS, end - 40 * MS, Kind.CLIENT_REQUEST, tenth + 1, 200))
        statistics.feed(Batch(end + 150 * MS, events=[event], spans=late))
    return statistics


def test_charts_count_what_was_reported_and_show_what_came_as_a_span() -> None:
    statistics = fed()
    _, throughput = statistics.series("throughput", T0)
    assert throughput[1:].tolist() == pytest.approx([100.0] * (len(throughput) - 1))
    assert statistics.series("p50_ms", T0 + S)[1] == pytest.approx(50, rel=0.01)
    assert len(statistics.dots(T0)[0]) == 40


def test_the_figures_have_a_line_for_each_host() -> None:
    statistics = fed()
    statistics.feed(
        Batch(
            T0 + 5 * S,
            events=[
                {"type": "load_total", "time": T0 + 5 * S, "sent": 20, "ok": 18, "failed": 2, "timed_out": 0}
                | {"hosts": [line("w1", sent=11), line("w2", ended="Host w2 ended.")]}
            ],
        )
    )
    first, second = statistics.figures(SCENARIO)["load"]["hosts"]
    assert (first["host"], first["sent"], first["ended"]) == ("w1", 11, None)
    assert (second["send_lag_p99_ms"], second["clock_error_ms"]) == (0.5, 0.25)
    assert second["records"] == {"written": 20, "read": 15, "lost": 5}
    assert second["ended"] == "Host w2 ended."
    assert not statistics.figures(SCENARIO)["valid"]
    assert "Host w2 ended." in str(statistics.figures(SCENARIO)["invalid_reason"])


def test_a_load_from_here_has_no_hosts() -> None:
    statistics = RunStatistics()
    statistics.feed(Batch(T0, events=[load_event(T0, [0.05])]))
    assert statistics.figures(SCENARIO)["load"] == {"hosts": []}


@pytest.mark.parametrize("hosts", ["nonsense", [7], [{"host": "w1"}], [line("w1", sent="many")]])
def test_a_damaged_line_costs_its_report_and_nothing_else(hosts: Any) -> None:
    statistics = fed()
    before = statistics.load.totals
    statistics.feed(Batch(T0 + 5 * S, events=[load_event(T0 + 5 * S, [0.05]) | {"hosts": hosts}]))
    assert statistics.load.totals == before
