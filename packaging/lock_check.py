#!/usr/bin/env python3
"""Does the lock hold for every system and every Python that it is for? `python packaging/lock_check.py [LOCK …]`

For each of them pip resolves the lock dry, as it will for a user there: only wheels, only by the hashes. What pip
cannot do for another system is done here: conditions (`; sys_platform == 'win32'`) are decided for that system and not
for this one, and what each release requires is looked for in the lock. Prints a table; exit status 1 where one fails.

Needs the network, pip 23 or newer, and the library `packaging`, as the development environment has it.
"""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
DRY = (
    *("--quiet", "--disable-pip-version-check", "--dry-run", "--ignore-installed", "--no-deps"),
    *("--ignore-requires-python", "--require-hashes", "--only-binary", ":all:"),
)
_ENTRY = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>[^\\\n]+?))?\s*(?P<hashes>\\\n.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class System:
    """A system: how it is shown, the tags of its wheels, and how Python there describes it."""

    title: str
    tags: tuple[str, ...]
    described: tuple[str, str, str, str]
    """sys_platform, platform_system, platform_machine, os_name."""


def linux(machine: str, oldest: int, newest: int) -> tuple[str, ...]:
    """Tags of wheels for these versions of the C library, 2.x."""
    return tuple(f"manylinux_2_{minor}_{machine}" for minor in range(newest, oldest - 1, -1))


SYSTEMS = (
    System(
        "Linux x86-64, glibc 2.36",
        (*linux("x86_64", 5, 36), "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
        ("linux", "Linux", "x86_64", "posix"),
    ),
    # Qt's wheels for this processor ask for more than Debian 12 has.
    System(
        "Linux arm64, glibc 2.39",
        (*linux("aarch64", 17, 39), "manylinux2014_aarch64"),
        ("linux", "Linux", "aarch64", "posix"),
    ),
    System("Windows x86-64", ("win_amd64",), ("win32", "Windows", "AMD64", "nt")),
    System("macOS 14, arm64", ("macosx_14_0_arm64",), ("darwin", "Darwin", "arm64", "posix")),
    System("macOS 14, x86-64", ("macosx_14_0_x86_64",), ("darwin", "Darwin", "x86_64", "posix")),
)


def environment(system: System, python: str) -> dict[str, str]:
    """What conditions are decided by."""
    platform, name, machine, os_name = system.described
    return {
        "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
        "implementation_version": f"{python}.0", "platform_python_implementation": "CPython", "sys_platform": platform,
        "platform_system": name, "platform_machine": machine, "os_name": os_name, "platform_release": "",
        "platform_version": "", "extra": "",
    }  # fmt: skip


def held(lock: str, where: dict[str, str]) -> dict[str, str]:
    """The entries of a lock whose condition holds there, by name, without the condition. Raises `ValueError`."""
    found: dict[str, str] = {}
    for text in re.split(r"\n(?=\S)", lock.strip()):
        entry = _ENTRY.fullmatch(text)
        if entry is None:
            raise ValueError(f"this is no entry of a lock: {text[:60]}")
        if entry["marker"] is None or Marker(entry["marker"]).evaluate(where):
            name = canonicalize_name(entry["name"])
            if name in found:
                raise ValueError(f"the lock has two releases of {name}")
            found[name] = f"{entry['name']}=={entry['version']} {entry['hashes']}"
    return found


def lacking(report: dict[str, Any], where: dict[str, str]) -> list[str]:
    """What a release requires there and the lock has not, or has in another version; extras are not asked for.

    Of Python as well: pip compares with the Python that runs it.
    """
    releases = {canonicalize_name(one["metadata"]["name"]): one["metadata"] for one in report["install"]}
    missing = []
    for name, metadata in releases.items():
        if not SpecifierSet(metadata.get("requires_python", "")).contains(where["python_full_version"]):
            missing.append(f"{name} requires Python {metadata['requires_python']}")
        for text in metadata.get("requires_dist", ()):
            requirement = Requirement(text)
            if requirement.marker is not None and not requirement.marker.evaluate(where):
                continue
            found = releases.get(canonicalize_name(requirement.name))
            if found is None or not requirement.specifier.contains(found["version"], prereleases=True):
                missing.append(f"{name} requires {requirement.name}{requirement.specifier}")
    return missing


def check(lock: str, system: System, python: str) -> str:
    """Resolve a lock for a system and a Python; how many releases, or what was wrong, beginning with FAILED."""
    where = environment(system, python)
    try:
        entries = held(lock, where)
    except ValueError as error:
        return f"FAILED: {error}"
    with tempfile.TemporaryDirectory(prefix="lock-") as folder:
        asked, report = Path(folder, "asked.txt"), Path(folder, "report.json")
        asked.write_text("\n".join(entries.values()) + "\n", "utf-8")
        command = [sys.executable, "-m", "pip", "install", *DRY, "--target", str(Path(folder, "target"))]
        command += [word for tag in system.tags for word in ("--platform", tag)]
        command += ["--python-version", python, "--implementation", "cp"]
        command += [word for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for word in ("--abi", abi)]
        command += ["--report", str(report), "-r", str(asked)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            said = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")]
            return f"FAILED: {' '.join(said[-2:])}"
        told = json.loads(report.read_text("utf-8"))
    if missing := lacking(told, where):
        return f"FAILED: {'; '.join(missing)}"
    if len(told["install"]) != len(entries):
        return f"FAILED: {len(told['install'])} of {len(entries)} were resolved"
    return f"{len(entries)} releases"


def main(names: list[str]) -> int:
    """Check each lock everywhere; a line for each system and Python."""
    failed = 0
    for name in names or [str(ROOT / "packaging" / "requirements.lock")]:
        lock = Path(name)
        print(lock.name)
        text = lock.read_text("utf-8")
        for system in SYSTEMS:
            for python in PYTHONS:
                said = check(text, system, python)
                failed += said.startswith("FAILED")
                print(f"  {system.title:<25} {python:<5} {said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
