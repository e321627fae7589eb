"""What is predicted for the setup on the screen, what the user expects, and what the run has come to. No widgets.

The law follows the knobs at once. What the user expects stays until it is changed or cleared, over runs as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.analysis.predict.calibration import NOTHING_KNOWN, Calibration
from explorer.analysis.predict.differs import differs
from explorer.analysis.predict.measured import lasted_s, measured_value, spent
from explorer.analysis.predict.predict import predict
from explorer.analysis.predict.prediction import Prediction, Quantity
from explorer.analysis.predict.so_far import so_far
from explorer.analysis.predict.told import value_words, with_its_own
from explorer.desktop.control import Control
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.scenario import Scenario, parse
from explorer.session.calibration import Calibrations

CHANGED: Final = "The setup was changed during the run, and the law is that of the setup as it is now."
OWN: Final = "With this run's own C and D the law gives {}."


@dataclass(frozen=True, slots=True)
class Shown:
    """One quantity side by side; requests a second for the throughput, else seconds. None: there is none."""

    quantity: Quantity
    law: float | None
    yours: float | None
    measured: float | None


class Predictions(QObject):
    """`changed` follows whatever is to be shown anew. `first`: the law is hidden until a run has begun."""

    changed = Signal()

    def __init__(self, control: Control, kept: Calibrations | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._kept = kept or Calibrations()
        self.calibration: Calibration | None = None
        self.prediction: Prediction | None = None
        self.reasons: list[str] = []
        self.first = False
        self._expected: dict[Quantity, float] = {}
        self._measured: Mapping[str, Any] = {}
        self._window = 0.0  # cores that the window took in the last run, for drawing most of all
        self._ran: Scenario | None = None
        control.scenario_changed.connect(self.renew)
        control.run_began.connect(self._begin)
        control.state_changed.connect(self._follow)
        control.read.connect(self._conclude)
        self.renew()

    # -- what is to be shown -----------------------------------------------------------------------------------------

    @property
    def law_shown(self) -> bool:
        """Whether the law may be seen: not before a run, if the user wants to predict first."""
        return not self.first or self._ran is not None

    @property
    def quantities(self) -> tuple[Quantity, Quantity]:
        """The two that count for the kind of load."""
        burst = self._control.scenario.load.mode == "burst"
        return ("makespan" if burst else "throughput", "latency")

    def shown(self, quantity: Quantity) -> Shown:
        """One of `quantities`."""
        law = self.prediction.value(quantity) if self.prediction is not None and self.law_shown else None
        measured = measured_value(self._measured, quantity) if self._measured else None
        return Shown(quantity, law, self._expected.get(quantity), measured)

    @property
    def concluded(self) -> bool:
        """Whether a run is over and its figures are all there."""
        return bool(self._measured) and self._control.state in ("stopped", "viewing")

    def expect(self, quantity: Quantity, value: float | None) -> None:
        """Take what the user expects (requests a second, else seconds), or with None nothing any more."""
        if value is None or value <= 0:
            self._expected.pop(quantity, None)
        else:
            self._expected[quantity] = value
        self.changed.emit()

    def predict_first(self, first: bool) -> None:
        """Hide the law until the next run, or show it."""
        self.first = first
        if first and self._control.state in ("empty", "stopped", "viewing"):
            self._ran = None
        self.changed.emit()

    # -- what it follows -----------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Predict anew: the setup or the calibration has changed."""
        scenario = self._control.scenario
        self.calibration = self._known(scenario)
        self.prediction = predict(self._control.catalog, scenario, self.calibration)
        if self._control.state in ("stopped", "viewing"):
            self._conclude()
        self.changed.emit()

    def _known(self, scenario: Scenario) -> Calibration | None:
        """What was measured, with a window that draws: it takes from the cores what it took in the last run."""
        found = self._kept.known(self._control.catalog, scenario)
        return found if found is None else replace(found, beside=found.beside + self._window)

    def keep(self, scenario: Scenario, measured: Calibration) -> None:
        """Take what was measured for a setup such as `scenario`."""
        self._kept.keep(self._control.catalog, scenario, measured)
        self.renew()

    def refresh(self) -> None:
        """What the run has come to so far."""
        if self._control.state == "running" and not self._control.elsewhere:
            self._measured = so_far(self._control.statistics, self._control.scenario.to_dict(masked=True))
            self.changed.emit()

    def _begin(self) -> None:
        self._measured, self.reasons = {}, []
        self._ran = self._control.scenario
        self.changed.emit()

    def _follow(self, state: str) -> None:
        if state == "stopped":
            self._conclude()

    def _conclude(self) -> None:
        """The run is over: all that was measured, and why it differs."""
        control = self._control
        scenario = self._of_run()
        self.reasons = []
        if control.elsewhere or scenario is None or not control.statistics.load.first_send:
            self._measured = {}
            self.changed.emit()
            return
        figures = dict(control.statistics.figures(scenario.to_dict(masked=True)))
        self._measured = figures
        of_run = predict(control.catalog, scenario, self._known(scenario))
        if of_run is not None and scenario == control.scenario:
            self.reasons = self._why(scenario, of_run, figures)
        if control.state == "stopped" and lasted_s(figures):
            self._window = spent(figures, frozenset({Role.WINDOW})) / lasted_s(figures)
        self.changed.emit()

    def _why(self, scenario: Scenario, of_run: Prediction, figures: Mapping[str, Any]) -> list[str]:
        sentences = differs(of_run, figures, self.calibration or NOTHING_KNOWN)
        if any(marker.kind in ("change", "restart") for marker in self._control.store.markers):
            sentences = [CHANGED, *sentences]
        if sentences and of_run.needs_cpu:
            own = with_its_own(self._control.catalog, scenario, self.calibration, figures)
            if own is not None:
                sentences.append(OWN.format(value_words(own.steps[0].quantity, own.steps[0].value)))
        return sentences

    def _of_run(self) -> Scenario | None:
        """The setup that the run on the screen ended with."""
        session = self._control.session
        if session is not None and session.scenario is not None:
            return session.scenario
        if self._control.state != "viewing":
            return None
        try:
            return parse(self._control.catalog, self._control.scenario.to_dict())
        except OptionError:
            return None
