"""The macOS bundle: what it tells the system of itself, and the commands from the bundle to the image."""

import plistlib
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from builder import bundle, dmg
from builder.tools import Missing, version
from tests.architecture.checkout import ROOT

APP = Path("Concurrency Explorer.app")
CODE = [APP / "Contents/Frameworks/PySide6/QtCore.so", APP / "Contents/MacOS/concurrency-explorer"]
MADE, STAGE = Path("made.dmg"), Path("stage")
SIGNED = {dmg.IDENTITY: "Developer ID Application: X"}
NOTARIZED = SIGNED | dict(zip(dmg.NOTARY, ("key.p8", "ID", "ISSUER"), strict=True))


def verbs(given: dict[str, str]) -> list[str]:
    """What is done, in short."""
    return [" ".join(map(str, command[:2])) for command in dmg.steps(APP, CODE, MADE, STAGE, given)]


def test_the_bundle_tells_its_version_and_a_name_that_apple_allows(tmp_path: Path) -> None:
    told = plistlib.loads(bundle.plist(tmp_path).read_bytes())
    assert told["CFBundleShortVersionString"] == told["CFBundleVersion"] == version()
    assert re.fullmatch(r"[A-Za-z0-9.-]+", told["CFBundleIdentifier"])


def test_the_oldest_macos_is_that_of_the_libraries_inside() -> None:
    told = plistlib.loads((bundle.MACOS / "Info.plist").read_bytes())
    assert told["LSMinimumSystemVersion"] == "14.0"


def test_recordings_are_its_own_and_scenarios_are_offered() -> None:
    told = plistlib.loads((bundle.MACOS / "Info.plist").read_bytes())
    recording, scenario = told["CFBundleDocumentTypes"]
    [exported] = told["UTExportedTypeDeclarations"]
    tags = exported["UTTypeTagSpecification"]
    assert recording["LSItemContentTypes"] == [exported["UTTypeIdentifier"]]
    assert (recording["LSHandlerRank"], scenario["LSHandlerRank"]) == ("Owner", "Alternate")
    assert tags["public.filename-extension"] == ["cxrec"]
    linux = ET.parse(ROOT / "packaging" / "linux" / "concurrency-explorer.xml")
    assert tags["public.mime-type"][0] in {each.get("type") for each in linux.iter()}


def test_entitlements_can_be_read() -> None:
    assert all(plistlib.loads(dmg.ENTITLEMENTS.read_bytes()).values())


def test_without_a_certificate_it_is_signed_by_nobody_and_says_so() -> None:
    assert verbs({}) == ["codesign --force"] * 3 + ["codesign --verify", f"ditto {APP}", "ln -s", "hdiutil create"]
    assert dmg.left_out({}) == [
        f"signed by nobody and not notarized: EXPLORER_SIGN_MACOS names no certificate; {dmg.REFUSED}"
    ]
    assert "refused" in dmg.REFUSED
    assert "Open Anyway" in dmg.REFUSED


def test_what_contains_code_is_signed_after_it_and_only_the_program_is_entitled() -> None:
    signing = [command for command in dmg.steps(APP, CODE, MADE, STAGE, SIGNED) if "--options" in command]
    assert [command[-1] for command in signing] == [*CODE, APP]
    assert ["--entitlements" in command for command in signing] == [False, True, True]
    assert all("--timestamp" in command for command in signing)


def test_with_a_certificate_the_image_is_signed_and_what_is_missing_for_the_notary_is_named() -> None:
    assert verbs(SIGNED)[-2:] == ["hdiutil create", "codesign --force"]
    assert dmg.left_out(SIGNED) == [f"not notarized: {', '.join(dmg.NOTARY)} not set; {dmg.REFUSED}"]


def test_with_all_of_it_the_image_is_notarized_and_the_ticket_stapled() -> None:
    assert verbs(NOTARIZED)[-3:] == ["codesign --force", "xcrun notarytool", "xcrun stapler"]
    assert dmg.left_out(NOTARIZED) == []


def test_code_is_told_by_its_beginning_and_the_deepest_comes_first(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    for path, begin in (
        (tmp_path / "x", b"\xcf\xfa\xed\xfe"),
        (deep / "y.so", b"\xca\xfe\xba\xbe"),
        (deep / "z", b"text"),
    ):
        path.write_bytes(begin + b"rest")
    assert dmg.code_of(tmp_path) == [deep / "y.so", tmp_path / "x"]


@pytest.mark.skipif(sys.platform == "darwin", reason="there it builds")
def test_elsewhere_it_says_what_it_needs() -> None:
    with pytest.raises(Missing, match="dmg needs macOS"):
        dmg.possible()
