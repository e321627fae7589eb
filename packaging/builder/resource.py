"""What Windows shows of an executable: its version, title and maker."""

import re
from pathlib import Path

from builder.tools import NAME, TITLE, version

RESOURCE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004, fileType=0x1, subtype=0x0,
    date=(0, 0)),
  kids=[
    StringFileInfo([StringTable('040904B0', [
      StringStruct('CompanyName', 'Concurrency Explorer authors'),
      StringStruct('FileDescription', {title!r}),
      StringStruct('FileVersion', {version!r}),
      StringStruct('InternalName', {name!r}),
      StringStruct('LegalCopyright', 'MIT License'),
      StringStruct('OriginalFilename', {name!r} + '.exe'),
      StringStruct('ProductName', {title!r}),
      StringStruct('ProductVersion', {version!r})])]),
    VarFileInfo([VarStruct('Translation', [0x409, 1200])])
  ]
)
"""


def four() -> tuple[int, int, int, int]:
    """The version as the four numbers that Windows wants."""
    numbers = [int(each) for each in re.findall(r"\d+", version())[:4]]
    first, second, third, fourth = (*numbers, 0, 0, 0, 0)[:4]
    return first, second, third, fourth


def write(folder: Path) -> Path:
    """Write what the frozen executables are to tell of themselves, as PyInstaller reads it; returns the file."""
    file = folder / "version.txt"
    file.write_text(RESOURCE.format(numbers=four(), version=version(), title=TITLE, name=NAME), "utf-8")
    return file
