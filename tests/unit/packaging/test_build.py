"""Which kinds wrap the frozen folder, and which do without it."""

import pytest

import build


@pytest.mark.parametrize(
    ("kinds", "have", "first"),
    [(["wheel"], False, False), (["deb"], False, True), (["deb"], True, False), (["frozen", "deb"], True, True)],
)
def test_the_folder_is_built_when_it_is_wanted(kinds: list[str], have: bool, first: bool) -> None:
    assert build.frozen_first(kinds, have=have) is first


def test_all_builds_only_what_there_is() -> None:
    assert all(kind in build.KINDS for kinds in build.ON.values() for kind in kinds)
