"""The program with its own Python, one folder: PyInstaller's work, then what it leaves to do.

Built in an environment of its own that holds the locked dependencies and PyInstaller and nothing else.
"""

import re
import shutil
import sys
from pathlib import Path

from builder import bundle, environment, icons, licences, resource
from builder.tools import NAME, PACKAGING, ROOT, Missing, need, run, say, version, work

COPYLEFT = re.compile(r"(lib)?_?(readline|gdbm|gdbm_compat)\b.*\.(so|dylib|dll|pyd)")
NOT_STRIPPED = ("PySide6", "shiboken6", ".libs")
"""Libraries whose makers already stripped them, and moved things about in them since: strip would break some."""


def folder(output: Path) -> Path:
    """Where the folder lies."""
    return output / NAME


def built(output: Path) -> bool:
    """Whether there is a folder of this version already."""
    told = folder(output) / "VERSION"
    return told.is_file() and told.read_text("utf-8").strip() == version()


def build(output: Path) -> Path:
    """Build the folder; returns it."""
    python = environment.ready("freeze", environment.FREEZE)
    drawn = icons.draw(work("icons"), python)
    say("freezing (a minute or two)")
    run(
        [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", output, "--workpath",
         work("pyinstaller"), PACKAGING / "frozen" / f"{NAME}.spec"],
        env=_settings(drawn),
    )  # fmt: skip
    made = folder(output)
    refuse(made)
    if sys.platform == "linux":
        _strip(made)
    compile_sources(made / "_internal" / "source", python)
    licences.collect(made, python)
    (made / "VERSION").write_text(version() + "\n", "utf-8")
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file() and not path.is_symlink())
    say(f"{made}: {size / 1e6:.0f} MB")
    return made


def refuse(made: Path) -> None:
    """Raise `Missing` where a library travels along whose licence (GPL) would be that of the whole."""
    for path in made.rglob("*"):
        if COPYLEFT.match(path.name):
            raise Missing(f"{path} is under the GPL and must not travel along: exclude what needs it in the recipe.")


def _settings(drawn: Path) -> dict[str, str]:
    """What the recipe takes from the environment; `drawn` is the folder of icons."""
    settings = {"EXPLORER_ROOT": str(ROOT), "EXPLORER_ICONS": str(drawn), "EXPLORER_VERSION": version()}
    if sys.platform == "win32":
        settings["EXPLORER_VERSION_RESOURCE"] = str(resource.write(work("pyinstaller")))
    elif sys.platform == "darwin":
        settings["EXPLORER_PLIST"] = str(bundle.plist(work("pyinstaller")))
    return settings


def _strip(made: Path) -> None:
    """Take the debugging symbols out of the interpreter and of extension modules: a tenth of the whole."""
    need("strip")
    found = [
        path
        for path in made.rglob("*.so*")
        if path.is_file() and not path.is_symlink() and not any(part in str(path) for part in NOT_STRIPPED)
    ]
    run(["strip", "--strip-unneeded", *found])


def compile_sources(source: Path, python: Path) -> None:
    """Compile the sources ahead: the folder cannot be written by those who use it. The stamp in each is a hash that
    nobody checks, for packaging changes the times of files.
    """
    run([python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", source, source])


def copy(output: Path, to: Path) -> None:
    """Copy the folder, links as links."""
    shutil.copytree(folder(output), to, symlinks=True)
