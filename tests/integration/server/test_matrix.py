"""Combinations of model, dispatch and workload: together they have every model with every
dispatch that it can be combined with, and every workload.

The whole matrix is `python -m tests.full matrix`.
"""

from pathlib import Path

import pytest

from explorer.catalog import Catalog
from tests.combinations import Triple, covering, usual, ways
from tests.matrix import ENDINGS, try_out

CATALOG = Catalog()
CHOSEN = [
    pytest.param(triple, ENDINGS[place % len(ENDINGS)], id="-".join(triple))
    for place, triple in enumerate(covering(usual(CATALOG), ways))
]


@pytest.mark.parametrize(
    ("triple", "ending"), CHOSEN, ids=lambda value: value if isinstance(value, str) else "-".join(value)
)
def test_a_combination_answers_and_leaves_nothing_behind(triple: Triple, ending: str, tmp_path: Path) -> None:
    try_out(CATALOG, triple, ending, tmp_path)
