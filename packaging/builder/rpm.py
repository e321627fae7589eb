"""A package for Fedora, openSUSE and their kin: the same files as in the .deb."""

import shutil
from pathlib import Path

from builder import linux
from builder.deb import ARCHITECTURES, LIBC
from builder.tools import NAME, SUMMARY, fresh, machine, need, run, say, version, work

SPEC = """\
Name: {name}
Version: {version}
Release: 1
Summary: {summary}
License: MIT
BuildArch: {architecture}
# The folder brings its libraries; what it takes from the system is named here and not guessed from each file.
AutoReqProv: no
Requires: glibc >= {libc}, libgcc, libstdc++ >= 12, libglvnd-glx, libglvnd-egl, libxcb
Requires: libdbus-1.so.3()(64bit), fontconfig, xkeyboard-config
Requires: (dejavu-sans-fonts or google-noto-sans-fonts or liberation-sans-fonts)
%global __os_install_post %{{nil}}
%global debug_package %{{nil}}
%global _build_id_links none
%define _binary_payload w9.xzdio

%description
Runs a real FastAPI server under real load and shows live what every process, thread and event loop is doing, on a
timeline that goes from ten minutes down to a microsecond. It brings its own Python; a server may run under any other.

%install
mkdir -p %{{buildroot}}
cp -a {root}/usr %{{buildroot}}/usr

%files
/usr/bin/{name}
/usr/lib/{name}
/usr/share/applications/{name}.desktop
/usr/share/mime/packages/{name}.xml
/usr/share/metainfo/*
/usr/share/icons/hicolor/*/apps/{name}.*
"""


def build(output: Path) -> None:
    """Write NAME-VERSION-1.ARCH.rpm."""
    need("rpmbuild")
    place = fresh(work("rpm"))
    linux.lay_out(output, place / "root" / "usr")
    spec = place / f"{NAME}.spec"
    spec.write_text(
        SPEC.format(
            name=NAME,
            version=version().replace("-", "~"),
            summary=SUMMARY,
            architecture=machine(),
            libc=LIBC.get(ARCHITECTURES.get(machine(), ""), "2.36"),
            root=place / "root",
        ),
        "utf-8",
    )
    run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {place}", "--define", f"_rpmdir {place / 'made'}", spec])
    for made in (place / "made").rglob("*.rpm"):
        shutil.copyfile(made, output / made.name)
        say(f"{output / made.name}: {made.stat().st_size / 1e6:.1f} MB")
