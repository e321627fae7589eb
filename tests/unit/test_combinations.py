"""The set of combinations that stands for all of them in the tests."""

import pytest

from explorer.catalog import Catalog
from tests.combinations import SMALL, Groups, covering, features, pairs, possible, ways


@pytest.mark.parametrize("groups", [pairs, features, ways])
def test_a_covering_set_has_all_that_the_whole_has_and_is_much_smaller(groups: Groups) -> None:
    whole = possible(Catalog())
    part = covering(whole, groups)

    assert {group for triple in part for group in groups(triple)} == {
        group for triple in whole for group in groups(triple)
    }
    assert set(part) <= set(whole)
    assert len(part) < len(whole) / 2


def test_every_workload_has_small_settings() -> None:
    assert set(SMALL) == {workload.id for workload in Catalog().all("workload")}
