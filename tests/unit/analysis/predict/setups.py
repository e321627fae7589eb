"""Setups and a calibration for tests of laws."""

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.predict import predict
from explorer.analysis.predict.prediction import Prediction
from explorer.catalog import Catalog
from explorer.scenario import Scenario, assign, default

CATALOG = Catalog()
KNOWN = Calibration(serving_s=0.001, places_s=0.0002, load_s=0.0001, beside=0.1, cores=4.0)


def setup(*words: str) -> Scenario:
    """The default setup with `--set` words."""
    return assign(CATALOG, default(CATALOG), words)


def law(*words: str, known: Calibration | None = KNOWN) -> Prediction:
    """What is predicted; there must be something."""
    found = predict(CATALOG, setup(*words), known)
    assert found is not None
    return found


def nothing(*words: str, known: Calibration | None = KNOWN) -> bool:
    """Whether nothing is predicted."""
    return predict(CATALOG, setup(*words), known) is None
