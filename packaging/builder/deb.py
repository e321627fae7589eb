"""A package for Debian 12 and newer and Ubuntu 24.04 and newer.

It is put together without debhelper: nothing is compiled, and the tools needed are those of every Debian.
"""

import gzip
import hashlib
from pathlib import Path

from builder import changelog, elf, linux
from builder.tools import NAME, ROOT, SUMMARY, Missing, before_release, fresh, machine, need, run, say, work

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libcrypt.so.1": "libcrypt1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libgcc_s.so.1": "libgcc-s1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb.so.1": "libxcb1",
}
"""The packages of Debian with the libraries that do not travel along; that of the compiler needs a version as well."""
COMPILER = "libstdc++.so.6"
BESIDE = "fontconfig-config, xkb-data, fonts-dejavu-core | fonts-noto-core | fonts-liberation"
"""Files that the window reads."""
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: desktop-file-utils, shared-mime-info, hicolor-icon-theme
Section: devel
Priority: optional
Description: {summary}
 Runs a real FastAPI server under real load and shows live what every process,
 thread and event loop is doing, on a timeline that goes from ten minutes down
 to a microsecond. Labs on locks, parallelism and isolation levels, lessons and
 a presenter for lectures.
 .
 It brings its own Python; a server may run under any other one.
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: Concurrency Explorer authors
License: MIT

License: MIT
{mit}
Comment:
 The program is under this licence. What travels along in /usr/lib/concurrency-explorer/_internal is not: Qt, PySide6
 and psycopg are under the LGPL-3, others under licences of their own. All their texts are in
 /usr/lib/concurrency-explorer/licences, which also says where the sources are.
"""


def build(output: Path) -> None:
    """Write NAME_VERSION_ARCH.deb."""
    need("dpkg-deb")
    root = fresh(work("deb") / "root")
    linux.lay_out(output, root / "usr")
    _document(root / "usr" / "share" / "doc" / NAME)
    architecture = ARCHITECTURES.get(machine(), machine())
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(
        CONTROL.format(
            name=NAME, version=before_release("~"), architecture=architecture, maintainer=changelog.MAINTAINER,
            size=linux.installed_kib(root / "usr"), depends=depends(elf.asked(root / "usr")), summary=SUMMARY,
        ),
        "utf-8",
    )  # fmt: skip
    (control / "md5sums").write_text(_sums(root), "utf-8")
    package, size = output / f"{NAME}_{before_release('~')}_{architecture}.deb", linux.installed_kib(root / "usr")
    run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z9", "--build", root, package])
    say(f"{package}: {package.stat().st_size / 1e6:.1f} MB, {size / 1024:.0f} MiB installed")


def depends(asked: elf.Asked) -> str:
    """What the package asks of the system, as `Depends` says it. Raises `Missing` for a library nobody knows."""
    found = [f"libc6 (>= {asked.glibc})"]
    for library in asked.libraries:
        if library == COMPILER:
            found.append(f"libstdc++6 (>= {asked.gcc})")
        elif library in PACKAGES:
            found.append(PACKAGES[library])
        else:
            raise Missing(
                f"{library} does not travel along, and which package of Debian has it is not known: say so in PACKAGES "
                "in builder/deb.py."
            )
    return ", ".join((*found, BESIDE))


def _document(folder: Path) -> None:
    folder.mkdir(parents=True)
    with gzip.GzipFile(folder / "changelog.gz", "wb", mtime=0) as file:
        file.write(changelog.as_debian().encode())
    mit = "\n".join(f" {line}" if line else " ." for line in (ROOT / "LICENSE").read_text("utf-8").splitlines())
    (folder / "copyright").write_text(COPYRIGHT.format(mit=mit), "utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)


def _sums(root: Path) -> str:
    """MD5 of each file, as `dpkg --verify` wants them."""
    lines = []
    for path in sorted((root / "usr").rglob("*")):
        if path.is_file() and not path.is_symlink():
            told = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            lines.append(f"{told}  {path.relative_to(root)}\n")
    return "".join(lines)
