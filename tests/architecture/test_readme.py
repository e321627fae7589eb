"""README.md: its derived parts are up to date, its commands and pictures exist, its scenario is one."""

import re
import runpy
import tomllib
from pathlib import Path

from explorer.catalog import Catalog
from explorer.scenario import parse

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_derived_parts_are_what_the_code_says() -> None:
    readme = runpy.run_path(str(ROOT / "packaging" / "readme.py"))["readme"]
    assert readme(TEXT) == TEXT, "run: python packaging/readme.py"


def test_the_complete_scenario_can_be_read() -> None:
    block = re.search(r"```toml\n(.*?)```", TEXT, re.S)
    assert block is not None
    scenario = parse(Catalog(), tomllib.loads(block[1]))
    assert scenario.also


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT) + re.findall(r"(resources/\S+\.toml)", TEXT)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert named
    assert not missing
