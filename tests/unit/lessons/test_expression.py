"""Expressions come from files that anybody writes: they compute what they say, and nothing else."""

import keyword
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from explorer.lessons.expression import MOST, ExpressionError, evaluate, names_in

FIGURES = {
    "N": 100,
    "T": 40,
    "S": 1.0,
    "main": {
        "makespan_s": 3.2,
        "gil": None,
        "valid": True,
        "codes": ["40001"],
        "processes": [
            {"role": "server", "rss_mb_max": 50.0, "threads": [{"name": "loop", "cpu_s": 1.0}]},
            {"role": "worker", "rss_mb_max": 60.0, "threads": [{"name": "loop", "cpu_s": None}]},
            {"role": "worker", "rss_mb_max": 70.0, "threads": []},
        ],
    },
    "try": {"makespan_s": 1.1},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ceil(N / T) * S", 3.0),
        ("main.makespan_s", 3.2),
        ("try.makespan_s * 2", 2.2),
        ("max(main.processes['worker'].rss_mb_max)", 70.0),
        ("sum(main.processes[*].rss_mb_max)", 180.0),
        ("len(main.processes)", 3),
        ("main.processes[0].threads[0].cpu_s", 1.0),
        ("-T ** 2 // 7", -229.0),
        ("1 < T <= 40", True),
        ("main.codes[0] == '40001'", True),
        ("main.valid", True),
        ("true", True),
        ("min(N, T, 7)", 7),
        ("round(2.6) + floor(1.9) + abs(-1)", 5),
    ],
)
def test_computes(text: str, value: object) -> None:
    assert evaluate(text, FIGURES) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "main.__class__", "(1).__class__", "open('x')", "[x for x in main]", "lambda: 1", "f'{N}'",
        "main.processes[0:2]", "N if T else S", "N and T", "10 ** 10 ** 10", "9 ** 64 ** 2", "2.0 ** 5000", "10 ** 65",
        "'a' * 1000000", "(" * 280, "1" * 301, "1e400", "N / 0", "N % 0", "", "N N", "unknown",
        "main.unknown", "main", "main.gil", "main.gil.held_fraction", "main.makespan_s.more", "main.codes[4]",
        "main.codes + 1", "max()", "max(main.processes['none'].rss_mb_max)", "ceil(1, 2)", "max(N, key=T)", "b'x'",
        "1j", "None", "N := 3", "*main", "main.processes[*].role[0] + 1",
    ],
)  # fmt: skip
def test_refuses_in_one_sentence(text: str) -> None:
    with pytest.raises(ExpressionError) as error:
        evaluate(text, FIGURES)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


@given(some.text(alphabet="NTSmain.[]*()+-/ 0189e_'\"tryceil,<=>&|~@:\n", max_size=60))
def test_whatever_is_written_is_a_value_or_a_sentence(text: str) -> None:
    try:
        found = evaluate(text, FIGURES)
    except ExpressionError:
        return
    assert isinstance(found, (int, float, str, list))


@given(some.integers(-1000, 1000), some.integers(-1000, 1000), some.sampled_from("+-*"))
def test_computes_as_python_does(left: int, right: int, sign: str) -> None:
    wanted = {"+": left + right, "-": left - right, "*": left * right}[sign]
    assert evaluate(f"({left}) {sign} ({right})", {}) == wanted


@given(some.floats(allow_nan=False, allow_infinity=False), some.floats(-64, 64))
def test_a_power_is_bounded(base: float, power: float) -> None:
    try:
        found = evaluate("x ** y", {"x": base, "y": power})
    except ExpressionError:
        return
    assert isinstance(found, float)
    assert math.isfinite(found)
    assert abs(found) <= MOST


@pytest.mark.parametrize("word", [word for word in keyword.kwlist if word.islower()])
def test_a_run_may_be_called_by_a_word_of_python(word: str) -> None:
    assert evaluate(f"{word}.x + 1", {word: {"x": 1}}) == 2


def test_names() -> None:
    assert names_in("ceil(N / T) * main.processes[*].cpu_s > true") == {"N", "T", "main"}
