"""The Windows installer, by NSIS, which also runs on Linux; signed where the environment names a command for it."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

from builder import frozen, resource
from builder.tools import NAME, PACKAGING, ROOT, Missing, fresh, need, run, say, version, work

SCRIPT = PACKAGING / "windows" / "installer.nsi"
SIGN = "EXPLORER_SIGN_WINDOWS"
"""A command that signs a file; {file} in it stands for the file's path. Quotes hold a path with spaces together, and a
backslash is a backslash.
"""


def possible() -> None:
    """Raise `Missing` but on Windows."""
    need("makensis")
    if sys.platform != "win32":
        raise Missing(
            "nsis wraps a folder that was frozen on Windows; build it there. The script alone is compiled here, over a "
            "stand-in, by python -m pytest tests/unit/packaging/test_nsis.py"
        )


def build(output: Path) -> Path:
    """Write NAME-VERSION-windows-x64.exe around the folder that was frozen."""
    return compile_over(frozen.folder(output), output, work("icons") / f"{NAME}.ico", os.environ)


def compile_over(payload: Path, output: Path, icon: Path, environment: Mapping[str, str]) -> Path:
    """Compile the installer of what lies in `payload`; warnings are errors."""
    for program in sorted(payload.glob("*.exe")):
        sign(program, environment)
    # The compiler goes to the folder of its script: whole paths alone lead anywhere.
    place = fresh(output.resolve() / ".nsis")
    files, folders = removal(payload)
    for name, lines in (("remove", files), ("folders", folders), ("sign", finishing(environment))):
        (place / f"{name}.nsh").write_text("".join(f"{line}\n" for line in lines), "utf-8-sig")
    made = output / f"{NAME}-{version()}-windows-x64.exe"
    size = sum(path.stat().st_size for path in payload.rglob("*") if path.is_file())
    given = {
        "VERSION": version(),
        "VERSION4": ".".join(map(str, resource.four())),
        "PAYLOAD": payload.resolve(),
        "FILES": place,
        "ICON": icon.resolve(),
        "LICENCE": ROOT / "LICENSE",
        "OUTPUT": made.resolve(),
        "SIZE_KIB": size // 1024,
    }
    run(
        [
            "makensis",
            "-V2",
            "-WX",
            "-INPUTCHARSET",
            "UTF8",
            *(f"-D{key}={value}" for key, value in given.items()),
            SCRIPT,
        ],
        env={SIGN: environment.get(SIGN, ""), "PYTHONPATH": str(PACKAGING)},
    )
    shutil.rmtree(place)
    sign(made, environment)
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    return made


def removal(payload: Path) -> tuple[list[str], list[str]]:
    """The lines of the script that remove each file of `payload`, and those that remove its folders where they are
    empty then.
    """
    inside = sorted(payload.rglob("*"), key=lambda path: path.relative_to(payload).parts)
    files = [path for path in inside if not path.is_dir() or path.is_symlink()]
    # The deepest first.
    folders = sorted((path for path in inside if path.is_dir()), key=lambda path: len(path.parts), reverse=True)
    return (
        [f"Delete {_quoted(path, payload)}" for path in files],
        [f"RMDir {_quoted(path, payload)}" for path in folders],
    )


def finishing(environment: Mapping[str, str]) -> list[str]:
    """The lines of the script that have the uninstaller signed: it is made while the installer is compiled."""
    if not environment.get(SIGN):
        return []
    return [f'!uninstfinalize `"{sys.executable}" -m builder.nsis "%1"` = 0']


def _quoted(path: Path, payload: Path) -> str:
    told = str(PureWindowsPath(*path.relative_to(payload).parts))
    return '"$INSTDIR\\' + told.replace("$", "$$").replace('"', '$\\"') + '"'


def sign(file: Path, environment: Mapping[str, str]) -> None:
    """Sign a file by the command that the environment names, or say that there is none."""
    command = environment.get(SIGN, "")
    if not command:
        say(f"{file.name} is not signed: {SIGN} names no command")
        return
    run([part.replace("{file}", str(file)) for part in words(command)])


def words(command: str) -> list[str]:
    """The words of a command as Windows writes them: backslashes are kept, and quotes go."""
    told = shlex.shlex(command, posix=True, punctuation_chars=False)
    told.whitespace_split = True
    told.commenters = told.escape = ""
    return list(told)


if __name__ == "__main__":
    try:
        sign(Path(sys.argv[1]), os.environ)
    except Missing as missing:
        sys.exit(str(missing))
