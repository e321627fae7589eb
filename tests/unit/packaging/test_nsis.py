"""The Windows installer: its script compiles without a warning over a stand-in for the program, and it would remove
what it laid down and nothing else.
"""

import ast
import shutil
import struct
import sys
import zlib
from pathlib import Path

import pytest

from builder import icons, nsis, resource
from builder.tools import Missing, version

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
def test_a_script_with_a_warning_is_an_error(
    tmp_path: Path, payload: Path, icon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "installer.nsi"
    script.write_text(nsis.SCRIPT.read_text("utf-8") + "\nVar NeverUsed\n", "utf-8")
    monkeypatch.setattr(nsis, "SCRIPT", script)
    with pytest.raises(Missing, match="NeverUsed"):
        nsis.compile_over(payload, tmp_path, icon, {})


def test_what_was_laid_down_is_removed_file_by_file_and_the_deepest_folder_first(payload: Path) -> None:
    assert nsis.removal(payload).splitlines() == [
        r'Delete "$INSTDIR\_internal\source\ä $$x\it' + "'" + 's.txt"',
        r'Delete "$INSTDIR\concurrency-explorer.exe"',
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
