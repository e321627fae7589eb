"""Expressions: arithmetic over figures, and nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.schema import Figures
from explorer.lessons.expression import ExpressionError, check, evaluate, names_in
from explorer.lessons.shapes import check_figures

FIGURES = {
    "N": 100.0,
    "T": 40,
    "S": 0.5,
    "main": {
        "makespan_s": 3.2,
        "nothing": None,
        "thread_pool": {"peak": 40},
        "loops": [{"longest": 3.0}, {"longest": None}, {"longest": 7.0}],
        "processes": [{"role": "server", "cpu": 2.0}, {"role": "worker", "cpu": 3.0}, {"role": "load", "cpu": 9.0}],
        "levels": {"READ COMMITTED": {"happened": True}},
    },
    "try": {"makespan_s": 1.1},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ceil(N / T) * S", 1.5),
        ("main.makespan_s / try.makespan_s", 3.2 / 1.1),
        ("main.thread_pool.peak == T", True),
        ("max(known(main.loops[*].longest))", 7.0),
        ("main.loops[0].longest", 3.0),
        ("sum(pick(main.processes, 'role', 'server', 'worker')[*].cpu)", 5.0),
        ("len(begins(main.processes, 'role', 'wor'))", 1),
        ('main.levels["READ COMMITTED"].happened', True),
        ("mean(main.processes[*].cpu)", 14 / 3),
        ("1 < S + 1 <= 2 and not (N < T or S > 1)", True),
        ("-2 ** 2", -4.0),
        ("'40001'", "40001"),
        ("7 // 2 + 7 % 2", 4),
    ],
)
def test_an_expression_has_its_value(text: str, value: object) -> None:
    assert evaluate(text, FIGURES) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "main.__class__",
        "N.__class__.__mro__",
        "().__class__",
        "[x for x in main]",
        "lambda: 1",
        "f'{N}'",
        "open('x')",
        "main.makespan_s.real",
        "9 ** 9 ** 9 ** 9",
        "10 ** 17",
        "'a' * 1000000000",
        "main.loops * 1000000000",
        "(" * 300 + "1" + ")" * 300,
        "1 +",
        "",
        "N if T else S",
        "unknown + 1",
        "main.nothing",
        "main.nothing.deeper",
        "main.absent",
        "main.loops[9].longest",
        "1 / 0",
        "max(main.loops[*].longest)",
        "ceil(x=1)",
        "N := 1",
        "1" * 600,
    ],
)
def test_all_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"\.$"):
        evaluate(text, FIGURES)


def test_a_name_that_nobody_gives_is_told_before_a_run() -> None:
    check("ceil(N / T) * main.makespan_s", {"N", "T", "main"})
    with pytest.raises(ExpressionError, match="uses 'Q', which is neither a value nor a run; known are N, main"):
        check("Q + 1", {"N", "main"})


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-3))
def test_arithmetic_is_that_of_python(one: float, other: float) -> None:
    names = {"a": one, "b": other}
    assert evaluate("a + b * 2 - a / b", names) == one + other * 2 - one / other
    assert evaluate("round(abs(a))", names) == round(abs(one))
    assert evaluate("floor(a)", names) == math.floor(one)


@given(st.text(max_size=40))
def test_any_text_has_a_value_or_a_sentence(text: str) -> None:
    try:
        evaluate(text, FIGURES)
    except ExpressionError:
        pass


def test_the_names_that_an_expression_uses_are_told() -> None:
    assert names_in("ceil(N / T) * try.makespan_s + len(pick(main.processes, 'role', 'C'))") == {
        "N",
        "T",
        "try",
        "main",
    }
    assert names_in("3") == frozenset()
    with pytest.raises(ExpressionError):
        names_in("3 +")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("main.makespan_s", ""), ("main.D * main.C", ""), ("try.thread_pool.peak", ""), ("lab.whatever.there", ""),
        ("main.findings[0].evidence.figures.latest_ms", ""), ("max(known(main.event_loops[*].busy_fraction))", ""),
        ("mean(begins(pick(main.processes, 'role', 'server')[0].threads, 'name', 'AnyIO')[*].states.waiting_gil)", ""),
        ("main.thread_pool.peek", "There is no figure 'peek'. Did you mean 'peak'?"),
        ("try.makespan", "There is no figure 'makespan'. Did you mean 'makespan_s'?"),
        ("sum(pick(main.processes, 'role', 'worker')[*].request)", "There is no figure 'request'."),
        ("max(main.event_loops[*].longest)", "There is no figure 'longest'."),
        ("main.processes[0].threads[0].state.running", "There is no figure 'state'."),
    ],
)  # fmt: skip
def test_a_figure_that_there_is_none_of_is_told_before_a_run(text: str, told: str) -> None:
    runs = {"main": Figures, "try": Figures}
    if not told:
        check_figures(text, runs)
        return
    with pytest.raises(ExpressionError) as error:
        check_figures(text, runs)
    assert str(error.value).startswith(told)
