"""A prediction beside its run, as `run --json` writes it, as a line of the report, and as the window shows it."""

from collections.abc import Mapping
from typing import Any

from explorer.analysis.predict.calibration import NOTHING_KNOWN, Calibration
from explorer.analysis.predict.differs import differs
from explorer.analysis.predict.measured import compare, recalibrated
from explorer.analysis.predict.predict import predict, system_of
from explorer.analysis.predict.prediction import Prediction, Quantity
from explorer.analysis.predict.words import rate, seconds
from explorer.catalog import Catalog
from explorer.scenario import Scenario


def beside(
    prediction: Prediction | None, figures: Mapping[str, Any], calibration: Calibration | None
) -> dict[str, Any] | None:
    """The prediction with what was measured and why they differ (`analysis.schema.PredictionFigures`), or None."""
    if prediction is None:
        return None
    found = compare(prediction, figures)
    return prediction.as_json() | {
        "off": {one.quantity: round(one.off, 4) for one in found},
        "differs": differs(prediction, figures, calibration or NOTHING_KNOWN),
        "calibration": _plain(calibration),
    }


def _plain(calibration: Calibration | None) -> dict[str, Any] | None:
    if calibration is None:
        return None
    return {
        key: float(f"{value:.4g}") if isinstance(value, float) else value
        for key, value in calibration.as_dict().items()
    }


def with_its_own(
    catalog: Catalog, scenario: Scenario, calibration: Calibration | None, figures: Mapping[str, Any]
) -> Prediction | None:
    """What the law gives with this very run's own C and D, to explain it; None where they are not known."""
    known = calibration or NOTHING_KNOWN
    system = system_of(catalog, scenario, known)
    if system is None:
        return None
    demand = system.demand
    own = recalibrated(known, figures, demand.visits * demand.computes_s, demand.visits)
    return None if own is None else predict(catalog, scenario, own)


def value_words(quantity: Quantity, value: float) -> str:
    """A value with its unit."""
    return rate(value) if quantity == "throughput" else seconds(value)


def line(told: Mapping[str, Any]) -> str:
    """One line: predicted and measured, by which law, with the numbers put in. `told` is what `beside` gave."""
    keys: tuple[tuple[Quantity, str, float], ...] = (
        ("makespan", "makespan_s", 1.0), ("throughput", "throughput_rps", 1.0), ("latency", "latency_ms", 1e-3),
    )  # fmt: skip
    parts = []
    for quantity, key, unit in keys:
        predicted, off = told.get(key), told["off"].get(quantity)
        if predicted is None or (quantity == "throughput" and told.get("makespan_s") is not None):
            continue
        words = value_words(quantity, predicted * unit)
        if off is not None:
            words += f", measured {value_words(quantity, predicted * unit * (1 + off))} ({100 * off:+.0f} %)"
        parts.append(words)
    steps = "; ".join(f"{one['formula']}: {one['with_numbers']}" for one in told["steps"])
    return f"{'; '.join(parts)}  ({told['law']}: {steps})"
