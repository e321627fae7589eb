"""The files in a tar.xz with a script that installs them for one user: for every Linux with a C library new enough."""

import shutil
import tarfile
from pathlib import Path

from builder import linux
from builder.tools import NAME, PACKAGING, ROOT, fresh, machine, say, version, work


def build(output: Path) -> Path:
    """Write NAME-VERSION-linux-ARCH.tar.xz; returns it."""
    top = f"{NAME}-{version()}-linux-{machine()}"
    place = fresh(work("tar")) / top
    linux.lay_out(output, place)
    shutil.rmtree(place / "bin")
    for file in (PACKAGING / "linux" / "install.sh", ROOT / "LICENSE"):
        shutil.copy(file, place / file.name)
    package = output / f"{top}.tar.xz"
    with tarfile.open(package, "w:xz", preset=6) as archive:
        archive.add(place, top, filter=_nobody)
    say(f"{package}: {package.stat().st_size / 1e6:.1f} MB")
    return package


def _nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Files belong to whoever unpacks them."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
