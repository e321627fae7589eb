"""The memory of a run: what may be chosen on which machine."""

import pytest

from explorer.option_error import OptionError
from explorer.store import budget
from explorer.store.budget import GIB
from explorer.store.store import DEFAULT_MEMORY


def test_the_default_is_the_stores_own() -> None:
    assert budget.memory_of(budget.DEFAULT_GIB, 4 * GIB) == DEFAULT_MEMORY


def test_a_quarter_of_the_machine_is_left_to_others() -> None:
    assert budget.most_gib(24 * GIB) == 18
    assert budget.most_gib(GIB // 4) == budget.DEFAULT_GIB, "the default always"
    assert budget.memory_of(18, 24 * GIB) == 18 * GIB


@pytest.mark.parametrize("gib", [18.5, 0, -1, 0.1, float("nan"), float("inf")])
def test_more_than_that_or_next_to_nothing_is_refused(gib: float) -> None:
    with pytest.raises(OptionError, match=r"from 0\.125 to 18 GiB of this computer's memory, not"):
        budget.memory_of(gib, 24 * GIB)


@pytest.mark.parametrize(
    ("kept", "gib"), [(2, 2.0), (4.5, 4.5), (64, 18.0), (0, 0.5), (None, 0.5), ("2", 0.5), (True, 0.5), (-3.0, 0.5)]
)
def test_what_was_chosen_elsewhere_is_cut_to_this_machine(kept: object, gib: float) -> None:
    assert budget.remembered(kept, 24 * GIB) == gib
