"""The licences of what a frozen folder takes in, also those of the system's libraries."""

import sys
from pathlib import Path

import pytest

from builder import licences
from builder.tools import Missing


@pytest.mark.parametrize(
    ("library", "ours"),
    [("libQt6Core.so.6", True), ("libpq-e9b5c9ac.so.5.18", True), ("libpython3.11.so.1.0", True),
     ("libz.so.1", False), ("libX11-xcb.so.1", False), ("libsqlite3.so.0", False)],
)  # fmt: skip
def test_a_library_of_a_wheel_is_told_from_one_of_the_system(library: str, ours: bool) -> None:
    assert licences.in_a_wheel(library) is ours


def test_texts_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    texts = []
    for place in ("a", "b", "c/b"):
        file = tmp_path / place / "LICENSE"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(place)
        texts.append(str(file))
    kept = tmp_path / "kept"
    kept.mkdir()
    names = licences._keep(kept, "x", texts)
    assert names == ["x-LICENSE", "x-b-LICENSE", "x-2-LICENSE"]
    assert [(kept / name).read_text() for name in names] == ["a", "b", "c/b"]


@pytest.mark.skipif(sys.platform != "linux", reason="it is about Debian's libraries")
def test_a_library_of_the_system_brings_its_text_and_those_that_it_refers_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, common, kept = tmp_path / "doc", tmp_path / "common", tmp_path / "kept"
    for folder in (documents / "libx1", common, kept):
        folder.mkdir(parents=True)
    (documents / "libx1" / "copyright").write_text("See /usr/share/common-licenses/LGPL-2.1.")
    (common / "LGPL-2.1").write_text("the text")
    monkeypatch.setattr(licences, "DOCUMENTS", documents)
    monkeypatch.setattr(licences, "COMMON", common)
    monkeypatch.setattr(licences, "owners", lambda library: {"libx1"})
    monkeypatch.setattr(licences, "run", lambda command: "1.2-3\n")
    [part] = licences._of_the_system(kept, ["libx.so.1", "libQt6Core.so.6"])
    assert (part["version"], part["libraries"]) == ("1.2-3", ["libx.so.1"])
    assert part["files"] == ["libx1-copyright", "common-LGPL-2.1"]
    assert (kept / "common-LGPL-2.1").read_text() == "the text"


def test_a_library_of_nobody_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "owners", lambda library: set())
    with pytest.raises(Missing, match=r"nobody knows whose libunheard\.so\.1 is"):
        licences._of_the_system(tmp_path, ["libpq-e9b5c9ac.so.5.18", "libunheard.so.1"])


def test_a_library_in_a_wheel_brings_the_texts_that_its_wheel_lacks(tmp_path: Path) -> None:
    [libpq, keyutils] = licences._of_wheels(tmp_path, ["libkeyutils-dfe70bd6.so.1.5", "libpq-e9b5c9ac.so.5.18"])
    assert (libpq["name"], libpq["version"], libpq["libraries"]) == ("libpq", "5.18", ["libpq-e9b5c9ac.so.5.18"])
    assert "PostgreSQL Global Development Group" in (tmp_path / libpq["files"][0]).read_text("utf-8")
    assert any("GNU LESSER GENERAL PUBLIC LICENSE" in (tmp_path / text).read_text() for text in keyutils["files"])
