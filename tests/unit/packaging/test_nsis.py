"""The Windows installer: its script compiles without a warning over a stand-in for the program, and it would remove
what it laid down and nothing else.
"""

import ast
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from builder import icons, nsis, resource
from builder.tools import Missing, run, version

needs_makensis = pytest.mark.skipif(
    shutil.which("makensis") is None, reason="makensis is not here; on Debian: sudo apt-get install nsis"
)


def png(size: int) -> bytes:
    """A grey picture."""
    rows = b"".join(b"\0" + b"\x80\x80\x80\xff" * size for _ in range(size))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    """Something shaped like the frozen folder, with names that need care."""
    folder = tmp_path / "the program"
    inside = folder / "_internal" / "source" / "ä $x"
    inside.mkdir(parents=True)
    (folder / "_internal" / "empty").mkdir()
    (folder / "concurrency-explorer.exe").write_bytes(b"MZ stand-in")
    (folder / "concurrency-explorer-cli.exe").write_bytes(b"MZ stand-in with a console")
    (inside / "it's.txt").write_text("text")
    return folder


@pytest.fixture
def icon(tmp_path: Path) -> Path:
    file = tmp_path / "icon.ico"
    file.write_bytes(icons.ico({size: png(size) for size in (16, 32, 256)}))
    return file


@needs_makensis
def test_the_script_compiles_and_the_installer_tells_what_it_is(tmp_path: Path, payload: Path, icon: Path) -> None:
    made = nsis.compile_over(payload, tmp_path, icon, {})
    content = made.read_bytes()
    assert content[:2] == b"MZ"
    assert b'level="asInvoker"' in content
    assert "ProductVersion\0".encode("utf-16-le") in content
    assert f"{version()}\0".encode("utf-16-le") in content
    assert made.name == f"concurrency-explorer-{version()}-windows-x64.exe"
    assert {path.name for path in tmp_path.iterdir()} == {made.name, "icon.ico", "the program"}


@needs_makensis
def test_every_file_and_folder_of_the_program_is_in_the_installer(
    tmp_path: Path, payload: Path, icon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def loudly(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> str:
        said.append(run(["-V4" if word == "-V2" else word for word in command], env=env))
        return said[-1]

    monkeypatch.setattr(nsis, "run", loudly)
    nsis.compile_over(payload, tmp_path, icon, {})
    files = {path.name: path.stat().st_size for path in payload.rglob("*") if path.is_file()}
    told = re.findall(r'^File: "([^"]+)" (\d+) bytes$', said[0], re.MULTILINE)
    assert {name: int(size) for name, size in told} == files, said[0]
    entered = {Path(place) for place in re.findall(r'^File: Descending to: "([^"]+)"', said[0], re.MULTILINE)}
    assert entered == {path for path in payload.rglob("*") if path.is_dir()}, said[0]


def test_the_script_splits_the_paths_it_is_given_as_windows_does() -> None:
    """There the compiler takes `folder/file` for a file of that name; here it takes either."""
    script = nsis.SCRIPT.read_text("utf-8")
    assert re.findall(r"\$\{(?:PAYLOAD|FILES)\}[^\\].*", script) == []
    assert len(re.findall(r"\$\{(?:PAYLOAD|FILES)\}\\", script)) == 4


@needs_makensis
def test_a_script_with_a_warning_is_an_error(
    tmp_path: Path, payload: Path, icon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "installer.nsi"
    script.write_text(nsis.SCRIPT.read_text("utf-8") + "\nVar NeverUsed\n", "utf-8")
    monkeypatch.setattr(nsis, "SCRIPT", script)
    with pytest.raises(Missing, match="NeverUsed"):
        nsis.compile_over(payload, tmp_path, icon, {})


def test_what_was_laid_down_is_removed_file_by_file_and_the_deepest_folder_first(payload: Path) -> None:
    files, folders = nsis.removal(payload)
    assert files == [
        r'Delete "$INSTDIR\_internal\source\ä $$x\it' + "'" + 's.txt"',
        r'Delete "$INSTDIR\concurrency-explorer-cli.exe"',
        r'Delete "$INSTDIR\concurrency-explorer.exe"',
    ]
    assert folders == [
        r'RMDir "$INSTDIR\_internal\source\ä $$x"',
        r'RMDir "$INSTDIR\_internal\empty"',
        r'RMDir "$INSTDIR\_internal\source"',
        r'RMDir "$INSTDIR\_internal"',
    ]


def test_the_script_removes_no_folder_whole() -> None:
    script = nsis.SCRIPT.read_text("utf-8")
    assert "RMDir /r" not in script
    assert "HKLM" not in script
    assert "RequestExecutionLevel user" in script


def test_both_executables_are_probed_and_a_file_that_stays_ends_the_removal() -> None:
    script = nsis.SCRIPT.read_text("utf-8")
    assert re.findall(r"!insertmacro Probe \"\$\{(\w+)\}\"", script) == ["PROGRAM", "CONSOLE"]
    removing = script[script.index('Section "Uninstall"') :]
    steps = ["ClearErrors", r"${FILES}\remove.nsh", "${If} ${Errors}", "Refuse 3", r"${FILES}\folders.nsh", "Delete "]
    assert sorted(steps, key=removing.index) == steps


@needs_makensis
def test_the_uninstaller_is_signed_too(tmp_path: Path, payload: Path, icon: Path) -> None:
    signer, log = tmp_path / "the signer.py", tmp_path / "log"
    signer.write_text(
        "import pathlib, sys\n"
        "file, log = map(pathlib.Path, sys.argv[1:])\n"
        "assert file.read_bytes()[:2] == b'MZ'\n"
        "with log.open('a') as told: told.write(file.name + chr(10))\n"
    )
    made = nsis.compile_over(payload, tmp_path, icon, {nsis.SIGN: f'"{sys.executable}" "{signer}" "{{file}}" "{log}"'})
    program, console, uninstaller, installer = log.read_text().splitlines()
    assert {program, console} == {path.name for path in payload.glob("*.exe")}
    assert uninstaller not in {program, console, installer}
    assert installer == made.name


@needs_makensis
def test_an_uninstaller_that_cannot_be_signed_ends_the_build(tmp_path: Path, payload: Path, icon: Path) -> None:
    fails = "import sys; sys.exit('.exe' not in sys.argv[1])"
    with pytest.raises(Missing, match="makensis failed"):
        nsis.compile_over(payload, tmp_path, icon, {nsis.SIGN: f'"{sys.executable}" -c "{fails}" "{{file}}"'})


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (r"C:\kits\signtool.exe sign /a {file}", [r"C:\kits\signtool.exe", "sign", "/a", "{file}"]),
        (
            r'"C:\Program Files\kits\signtool.exe" sign "{file}"',
            [r"C:\Program Files\kits\signtool.exe", "sign", "{file}"],
        ),
        (r'sign /d:"It\x #1" /f C:\x\ {file}', ["sign", r"/d:It\x #1", "/f", "C:\\x\\", "{file}"]),
    ],
)
def test_a_command_is_read_as_windows_writes_it(command: str, words: list[str]) -> None:
    assert nsis.words(command) == words


def test_the_installer_and_the_program_in_it_are_signed_if_there_is_a_command(
    tmp_path: Path, payload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(nsis, "run", lambda command: commands.append([str(part) for part in command]))
    nsis.sign(payload / "concurrency-explorer.exe", {nsis.SIGN: "signtool sign /a '{file}'"})
    assert commands == [["signtool", "sign", "/a", str(payload / "concurrency-explorer.exe")]]


def test_without_a_command_it_says_that_nothing_is_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nsis.sign(tmp_path / "x.exe", {})
    assert "x.exe is not signed: EXPLORER_SIGN_WINDOWS names no command" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="there it builds")
@needs_makensis
def test_elsewhere_it_says_where_to_build() -> None:
    with pytest.raises(Missing, match="frozen on Windows; build it there"):
        nsis.possible()


def test_the_version_resource_is_what_pyinstaller_evaluates(tmp_path: Path) -> None:
    tree = ast.parse(resource.write(tmp_path).read_text("utf-8"), mode="eval")
    names = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert names == {"VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct", "VarFileInfo",
                     "VarStruct"}  # fmt: skip
    assert resource.four()[:3] == tuple(int(part) for part in version().split(".")[:3])
