"""A prediction: which law, its formula as text and with the numbers put in, and what went in."""

from dataclasses import dataclass
from typing import Any, Literal

Quantity = Literal["throughput", "latency", "makespan"]


@dataclass(frozen=True, slots=True)
class Input:
    """A quantity that a formula uses: its letter, what it is, its value and unit."""

    symbol: str
    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One formula. `value` is requests a second for a throughput, else seconds."""

    quantity: Quantity
    formula: str
    with_numbers: str
    value: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a run will come to. The first step is the one to show where there is room for one.

    `bound`: the run can only be slower (several limits are near one another); `note` says what the law leaves out.
    `needs_cpu`: the law rests on processor time, so that it holds only as far as the cores are there.
    """

    law: str
    steps: tuple[Step, ...]
    inputs: tuple[Input, ...]
    bound: bool = False
    note: str = ""
    needs_cpu: bool = False

    def value(self, quantity: Quantity) -> float | None:
        """Requests a second for the throughput, else seconds; None where that is not predicted."""
        return next((step.value for step in self.steps if step.quantity == quantity), None)

    @property
    def throughput_rps(self) -> float | None:
        """Answers a second."""
        return self.value("throughput")

    @property
    def latency_ms(self) -> float | None:
        """Mean response time."""
        found = self.value("latency")
        return None if found is None else found * 1e3

    @property
    def makespan_s(self) -> float | None:
        """Of a burst: when the last answer is back."""
        return self.value("makespan")

    def as_json(self) -> dict[str, Any]:
        """As `run --json` writes it (`analysis.schema.PredictionFigures`)."""
        main = self.steps[0]
        return {
            "throughput_rps": _rounded(self.throughput_rps),
            "latency_ms": _rounded(self.latency_ms),
            "makespan_s": _rounded(self.makespan_s),
            "law": self.law,
            "formula": main.formula,
            "with_numbers": main.with_numbers,
            "steps": [
                {"quantity": step.quantity, "formula": step.formula, "with_numbers": step.with_numbers}
                for step in self.steps
            ],
            "bound": self.bound,
            "note": self.note or None,
            "inputs": {
                one.symbol: {"name": one.name, "value": float(f"{one.value:.6g}"), "unit": one.unit}
                for one in self.inputs
            },
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
