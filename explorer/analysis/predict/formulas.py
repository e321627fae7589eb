"""Formulas put together from their parts, as text and with the numbers put in."""

from collections.abc import Iterable

from explorer.analysis.predict.prediction import Quantity, Step
from explorer.analysis.predict.system import Limit, Term
from explorer.analysis.predict.words import rate, seconds


def sum_of(terms: Iterable[Term]) -> Term:
    """All terms as one, with plus signs between."""
    terms = tuple(terms)
    symbol = " + ".join(term.symbol for term in terms) or "0"
    numbers = " + ".join(term.numbers for term in terms) or "0 s"
    return Term(symbol, numbers, sum(term.value for term in terms))


def divided(top: tuple[str, str], terms: Iterable[Term]) -> tuple[str, str]:
    """`top / (a + b)`, in letters and in numbers."""
    below = sum_of(terms)
    return f"{top[0]} / {_held(below.symbol)}", f"{top[1]} / {_held(below.numbers)}"


def _held(text: str) -> str:
    return f"({text})" if "+" in text or "·" in text else text


def rate_of(limit: Limit) -> tuple[str, str]:
    """What a limit can bear, in letters and in numbers."""
    return divided((limit.symbol, limit.numbers), limit.held)


def step(quantity: Quantity, formula: str, numbers: str, value: float) -> Step:
    """A step whose numbers end with what comes out."""
    result = rate(value) if quantity == "throughput" else seconds(value)
    return Step(quantity, formula, numbers if numbers == result else f"{numbers} = {result}", value)


def same(some: tuple[Term, ...], others: tuple[Term, ...]) -> bool:
    """Whether both are the same times."""
    return [term.symbol for term in some] == [term.symbol for term in others]


def many(symbol: str) -> str:
    """A product in brackets, where it stands behind a division."""
    return f"({symbol})" if "·" in symbol else symbol
