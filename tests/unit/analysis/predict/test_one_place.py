"""What is predicted of a feature is said by the feature itself: a new one is predicted without a change elsewhere."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import explorer.analysis.predict
from explorer.analysis.predict.predict import predict
from explorer.catalog import SECTIONS, Catalog, Feature
from explorer.demand import Demand, Places, Serving
from tests.unit.analysis.predict.setups import KNOWN, setup


class Planted(Catalog):
    """The catalogue with one feature in another one's place."""

    def __init__(self, features: Mapping[tuple[str, str], Feature]) -> None:
        super().__init__()
        self._planted = features

    def get(self, section: str, identity: str) -> Feature:
        return self._planted.get((section, identity)) or super().get(section, identity)


def test_the_laws_name_no_feature() -> None:
    folder = Path(explorer.analysis.predict.__file__).parent
    names = {feature.id for section in SECTIONS for feature in Catalog().all(section)}
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not [name for name in names if f'"{name}"' in text], file.name


def test_a_new_workload_dispatch_and_model_are_predicted_by_what_they_say() -> None:
    plain = Catalog()
    catalog = Planted(
        {
            ("workload", "sleep"): replace(plain.get("workload", "sleep"), demand=lambda knobs, form: Demand(0.5)),
            ("dispatch", "thread_pool"): replace(
                plain.get("dispatch", "thread_pool"), places=lambda knobs: Places(3, name="desks", symbol="K")
            ),
            ("model", "event_loop"): replace(plain.get("model", "event_loop"), serving=lambda knobs: Serving(2, 2)),
        }
    )
    found = predict(catalog, setup("load.users=100"), KNOWN)
    assert found is not None
    assert found.throughput_rps == pytest.approx(2 * 3 / 0.5)
    assert found.law == "Desks: K at a time"


@pytest.mark.parametrize("section", ["workload", "dispatch", "model"])
def test_what_says_nothing_of_itself_is_not_predicted(section: str) -> None:
    scenario = setup("load.users=100")
    chosen = getattr(scenario, section).id
    silent: dict[str, dict[str, Any]] = {
        "workload": {"demand": lambda knobs, form: None},
        "dispatch": {"places": lambda knobs: None},
        "model": {"serving": lambda knobs: None},
    }
    feature = replace(Catalog().get(section, chosen), **silent[section])
    assert predict(Planted({(section, chosen): feature}), scenario, KNOWN) is None


def test_a_demand_comes_with_knobs_for_calibration() -> None:
    for feature in Catalog().all("workload"):
        says = any(feature.demand(feature.knobs(), form) is not None for form in feature.forms)
        if says:
            assert feature.idle, feature.id
            feature.knobs(**feature.idle)
