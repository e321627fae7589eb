"""What slides about runs of the labs show before the run, and in place of a number after it."""

from collections.abc import Mapping
from typing import Any

from explorer.desktop.presenter import engine
from explorer.desktop.presenter.schedule_run import asked
from explorer.desktop.presenter.sweep_shape import curve_of
from explorer.lessons.lesson import Run
from explorer.option_error import OptionError


def before(run: Run) -> dict[str, Any]:
    """The shape of a run that has not begun: the steps, none of them sent; the ideal alone. Nothing of other runs."""
    try:
        if run.kind == "isolation":
            return {"ladder": asked(run)}
        return {"curve": curve_of(engine.plan_of(run))} if run.kind == "parallelism" else {}
    except OptionError:  # told when it is to begin
        return {}


def verdict(figures: Mapping[str, Any]) -> tuple[str, str] | None:
    """Whether the anomaly happened, and the code by which it was prevented, with the colour for it."""
    if figures.get("happened") is None:
        return None
    if figures["happened"]:
        return "It happened", "danger"
    codes = " ".join(figures.get("codes") or ())
    return f"Prevented {codes}".strip(), "good"
