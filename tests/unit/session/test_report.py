"""The figures of a run as a person reads them."""

from explorer.session.report import text_report
from tests.unit.analysis.runs import SCENARIO, steady
from tests.unit.analysis.test_figures import fed


def lines(**changes: object) -> dict[str, str]:
    """The report's lines by their first words."""
    figures = fed(steady(10, 100, 0.1)).figures(SCENARIO) | changes
    return {line[:16].strip(): line[16:] for line in text_report(figures).splitlines()}


def test_a_run_of_plain_requests_speaks_of_no_events() -> None:
    report = lines()
    assert report["requests"].startswith("1,000 sent, 990 answered")
    assert "received" not in report
    assert "first event" not in report


def test_events_and_streams_that_were_taken_up_again() -> None:
    assert lines(received_total={"events": 1_234, "resumed": 0})["received"] == "1,234 events"
    again = lines(received_total={"events": 5, "resumed": 2})["received"]
    assert again == "5 events, 2 lost streams taken up again"
    times = {"mean": 2.0, "p50": 2.0, "p90": 3.0, "p99": 4.0, "p99_9": 4.0, "max": 5.0}
    assert lines(first_event_ms=times)["first event"] == "p50 2.00 · p90 3.00 · p99 4.00 · max 5.00 ms"
