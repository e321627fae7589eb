"""What a folder of Linux programs asks of the system: the libraries that it does not bring, and how new they are."""

import re
from dataclasses import dataclass
from pathlib import Path

from builder.tools import Missing, need, run

OF_GLIBC = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|nsl|anl))\.so\.\d+$")
_NEEDED = re.compile(r"\(NEEDED\).*\[([^\]]+)\]")
_GLIBC = re.compile(r"\bGLIBC_(2\.\d+)\b")
_GLIBCXX = re.compile(r"\bGLIBCXX_3\.4\.(\d+)\b")
# https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html
_GCC = ((29, 11), (30, 12), (32, 13), (33, 14), (34, 15))


@dataclass(frozen=True, slots=True)
class Asked:
    """`libraries` by their sonames, without those of the C library; `glibc` is such as "2.36", `glibcxx` the number
    after 3.4 of the newest symbol of libstdc++.
    """

    libraries: tuple[str, ...]
    glibc: str
    glibcxx: int

    @property
    def gcc(self) -> int:
        """The first GCC that brought such a libstdc++. Raises `Missing` where it is newer than those known here."""
        for symbol, release in _GCC:
            if self.glibcxx <= symbol:
                return release
        raise Missing(f"GLIBCXX_3.4.{self.glibcxx} is newer than what builder/elf.py knows; add its GCC there.")


def asked(folder: Path) -> Asked:
    """What all programs and libraries below `folder` ask for."""
    need("readelf")
    files = [path for path in sorted(folder.rglob("*")) if _is_elf(path)]
    if not files:
        raise Missing(f"there is no program in {folder}.")
    told = run(["readelf", "--dynamic", "--version-info", "--wide", *files])
    brought = {path.name for path in folder.rglob("*.so*")}
    wanted = {name for name in _NEEDED.findall(told) if name not in brought and not OF_GLIBC.match(name)}
    glibc = max(_GLIBC.findall(told), key=lambda number: int(number.partition(".")[2]))
    return Asked(tuple(sorted(wanted)), glibc, max(map(int, _GLIBCXX.findall(told)), default=0))


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.suffix in (".py", ".pyc", ".png", ".json"):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
