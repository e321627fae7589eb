"""Runs under several Pythons, side by side."""

from typing import Any

from explorer.session.comparison import comparison
from tests.unit.analysis.runs import SCENARIO, steady
from tests.unit.analysis.test_figures import fed


def run(python: str, speed: float | None) -> dict[str, Any]:
    """The figures of a run."""
    figures = dict(fed(steady(10, 100, 0.1)).figures(SCENARIO))
    server = {"pid": 1, "role": "server", "interpreter": python, "cpu_s": 4.5, "rss_mb_max": 1.0, "threads": []}
    load = server | {"role": "load", "interpreter": "cpython 3.11.7", "cpu_s": 2.0}
    window = {"start_s": 1.0, "end_s": 10.0}
    return figures | {"throughput_rps": speed, "processes": [load, server], "window": window}


def test_each_run_has_a_line_with_its_python_and_its_speed_against_the_first() -> None:
    head, first, second = comparison(
        [("3.13", run("cpython 3.13.0", 18.0)), ("3.13t", run("cpython 3.13.5 free-threaded", 36.0))]
    ).splitlines()

    assert head.split("  ")[0] == "interpreter"
    assert first.startswith("cpython 3.13.0                      18.0")
    assert first.endswith("0.50")
    assert second.startswith("cpython 3.13.5 free-threaded        36.0")
    assert second.endswith("0.50  2.00 x the first")


def test_a_run_without_an_answer_has_no_speed() -> None:
    lines = comparison([("3.13", run("cpython 3.13.0", None)), ("3.13t", run("", 36.0))]).splitlines()

    assert " – " in lines[1]
    assert lines[2].startswith("3.13t")
    assert "x the first" not in lines[2]
