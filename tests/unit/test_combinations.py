"""The set of combinations that stands for all of them in the tests."""

import itertools

from explorer.catalog import Catalog
from tests.combinations import SMALL, Triple, covering, possible


def pairs(triples: list[Triple]) -> set[tuple[tuple[int, str], ...]]:
    return {pair for triple in triples for pair in itertools.combinations(enumerate(triple), 2)}


def test_a_covering_set_has_every_pair_of_the_whole_and_is_much_smaller() -> None:
    whole = possible(Catalog())
    part = covering(whole)

    assert pairs(part) == pairs(whole)
    assert set(part) <= set(whole)
    assert len(part) < len(whole)


def test_a_smaller_one_has_every_feature() -> None:
    whole = possible(Catalog())
    part = covering(whole, 1)

    assert {feature for triple in part for feature in triple} == {feature for triple in whole for feature in triple}
    assert len(part) < len(covering(whole))


def test_every_workload_has_small_settings() -> None:
    assert set(SMALL) == {workload.id for workload in Catalog().all("workload")}
