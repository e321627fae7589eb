"""What a Linux desktop is told of our files agrees with what the window writes."""

import xml.etree.ElementTree as ET

from tests.architecture.checkout import ROOT

LINUX = ROOT / "packaging" / "linux"
NAMESPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


def globs() -> dict[str, str]:
    """Pattern of each MIME type."""
    tree = ET.parse(LINUX / "concurrency-explorer.xml")
    return {
        kind.attrib["type"]: glob.attrib["pattern"]
        for kind in tree.iter(f"{NAMESPACE}mime-type")
        for glob in kind.iter(f"{NAMESPACE}glob")
    }


def test_the_window_saves_under_names_that_the_desktop_knows() -> None:
    window = (ROOT / "explorer" / "desktop" / "file_commands.py").read_text("utf-8")
    assert set(globs().values()) == {"*.cxrec", "*.scenario.toml"}
    assert 'SCENARIO_SUFFIX: Final = "scenario.toml"' in window


def test_menu_entry_and_metainfo_name_the_same_types() -> None:
    entry = (LINUX / "concurrency-explorer.desktop").read_text("utf-8")
    [line] = [line for line in entry.splitlines() if line.startswith("MimeType=")]
    metainfo = ET.parse(next(LINUX.glob("*.metainfo.xml")))
    assert {each for each in line.removeprefix("MimeType=").split(";") if each} == set(globs())
    assert {each.text for each in metainfo.iter("mediatype")} == set(globs())
