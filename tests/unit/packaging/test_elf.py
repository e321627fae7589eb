"""What packages ask of the system is read from the files that they hold."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builder import deb, elf, rpm
from builder.tools import Missing

ASKED = elf.Asked(("libEGL.so.1", "libstdc++.so.6", "libxcb.so.1"), "2.36", 29)


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("readelf"), reason="needs Linux and binutils")
def test_a_program_asks_for_what_does_not_lie_beside_it(tmp_path: Path) -> None:
    python = Path(sys.executable).resolve()
    shutil.copyfile(python, tmp_path / "program")
    told = subprocess.run(["readelf", "-d", python], capture_output=True, text=True, check=True).stdout
    linked = {line.split("[")[1].rstrip("]") for line in told.splitlines() if "(NEEDED)" in line}
    asked = elf.asked(tmp_path)
    assert set(asked.libraries) == {name for name in linked if not elf.OF_GLIBC.match(name)}
    assert asked.glibc.startswith("2.")
    assert "libc.so.6" not in asked.libraries
    for name in asked.libraries:
        (tmp_path / name).touch()
    assert elf.asked(tmp_path).libraries == ()


def test_each_package_manager_is_told_in_its_own_words() -> None:
    assert deb.depends(ASKED).startswith("libc6 (>= 2.36), libegl1, libstdc++6 (>= 11), libxcb1, fontconfig-config")
    assert rpm.requires(ASKED) == (
        "libc.so.6(GLIBC_2.36)(64bit), libstdc++.so.6(GLIBCXX_3.4.29)(64bit), "
        "libEGL.so.1()(64bit), libstdc++.so.6()(64bit), libxcb.so.1()(64bit)"
    )


def test_a_library_that_no_package_is_known_for_ends_the_build() -> None:
    with pytest.raises(Missing, match=r"libunheard\.so\.1 does not travel along"):
        deb.depends(elf.Asked(("libunheard.so.1",), "2.36", 0))
    with pytest.raises(Missing, match=r"GLIBCXX_3\.4\.99"):
        _ = elf.Asked((), "2.36", 99).gcc
