"""The figures of a run as a person reads them."""

from explorer.session.report import MOST_LINES, text_report
from tests.unit.analysis.runs import SCENARIO, steady
from tests.unit.analysis.test_figures import fed


def lines(**changes: object) -> dict[str, str]:
    """The report's lines by their first words."""
    figures = fed(steady(10, 100, 0.1)).figures(SCENARIO) | changes
    return {line[:16].strip(): line[16:] for line in text_report(figures).splitlines()}


def test_a_run_of_plain_requests_speaks_of_no_events() -> None:
    report = lines()
    assert report["requests"].startswith("1,000 sent, 990 succeeded")
    assert "received" not in report
    assert "first event" not in report


def test_events_and_streams_that_were_taken_up_again() -> None:
    assert lines(received_total={"events": 1_234, "resumed": 0})["received"] == "1,234 events"
    again = lines(received_total={"events": 5, "resumed": 2})["received"]
    assert again == "5 events, 2 lost streams taken up again"
    times = {"mean": 2.0, "p50": 2.0, "p90": 3.0, "p99": 4.0, "p99_9": 4.0, "max": 5.0}
    assert lines(first_event_ms=times)["first event"] == "p50 2.00 · p90 3.00 · p99 4.00 · max 5.00 ms"


def test_tokens_of_connections_are_not_told_as_those_of_the_server() -> None:
    pool = {"tokens": 4, "peak": 1, "per": "connection", "wait_p99_ms": 1.0}
    assert lines(thread_pool=pool)["thread pool"] == "4 tokens, 1 at once for each connection, wait p99 1.00 ms"
    assert lines(thread_pool={**pool, "per": "server"})["thread pool"] == "4 tokens, 1 at once, wait p99 1.00 ms"


def test_of_a_process_on_another_host_only_its_host_is_told() -> None:
    there = {"pid": 77, "host": "10.0.0.2", "role": "cluster", "cpu_s": None, "rss_mb_max": None, "threads": []}
    assert lines(processes=[there])["cluster 77"].startswith("on 10.0.0.2;")


def test_many_processes_and_loops_are_told_together() -> None:
    one = {"role": "connection", "cpu_s": 0.5, "rss_mb_max": 40.0, "threads": []}
    loop = {"iterations": 1, "longest_callback_ms": 1.0, "ready_wait_p99_ms": 1.0}
    many = 3 * MOST_LINES
    report = lines(
        processes=[{**one, "pid": 100 + n} for n in range(many)] + [{**one, "role": "server", "pid": 1}],
        event_loops=[{**loop, "pid": 100 + n, "busy_fraction": n / 100} for n in range(many)],
    )
    assert report[f"{many} x connection"[:16]].endswith("12.0 s of CPU together, 40.0 MB at most each")
    assert "server 1" in report
    assert "connection 100" not in report
    assert f"loop {100 + many - 1}" in report, "the busiest"
    assert "loop 100" not in report


def test_why_requests_failed_is_told_by_status_and_reason() -> None:
    counts = {"sent": 900, "ok": 200, "failed": 640, "timed_out": 3}
    statuses = {"422": 631, "200": 200, "connection refused": 9, "timed out": 3}
    told = lines(requests_total=counts | {"statuses": statuses})
    assert told["failed"] == "631 × 422, 9 × connection refused, 3 × timed out"
    assert "failed" not in lines()
    many = {f"{400 + n}": 100 - n for n in range(MOST_LINES + 2)}
    assert lines(requests_total=counts | {"statuses": many})["failed"].endswith(f", {92 + 91} × others")


def test_the_gil_is_told_where_it_is_known() -> None:
    gil = {"available": True, "held_fraction": 0.993, "waiting_threads": 2.61}
    assert lines(gil=gil)["GIL"] == "held 99 % of the time, 2.6 threads waited on average"
    assert "GIL" not in lines(gil=gil | {"available": False, "held_fraction": None})
    assert "GIL" not in lines(gil=None)


def test_the_thread_pool_of_an_app_whose_tokens_are_not_known() -> None:
    pool = {"tokens": None, "peak": 7, "per": "server", "wait_p99_ms": 1.0}
    assert lines(thread_pool=pool)["thread pool"] == "7 at once, wait p99 1.00 ms"


def test_of_several_interpreters_only_the_main_ones_gil_is_told_and_that_is_said() -> None:
    gil = {"available": True, "held_fraction": 0.01, "waiting_threads": None}
    server = {"pid": 7, "role": "server", "cpu_s": 1.0, "rss_mb_max": 50.0}
    several = [server | {"threads": [{"name": None}, {"name": "event loop"}, {"name": "interpreter 1"}]}]
    told = lines(gil=gil, processes=several)["GIL"]
    assert told == "of the main interpreter (those of the others are not seen): held 1 % of the time"
    one = [server | {"threads": [{"name": None}, {"name": "event loop"}, {"name": "AnyIO worker"}]}]
    assert lines(gil=gil, processes=one)["GIL"] == "held 1 % of the time"
