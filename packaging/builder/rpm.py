"""A package for Fedora, openSUSE and their kin: the same files as in the .deb."""

import shutil
from pathlib import Path

from builder import elf, linux
from builder.tools import NAME, SUMMARY, before_release, fresh, machine, need, run, say, work

SPEC = """\
Name: {name}
Version: {version}
Release: 1
Summary: {summary}
License: MIT AND LGPL-3.0-only AND LGPL-2.1-or-later AND Apache-2.0 AND BSD-3-Clause AND PSF-2.0 AND OFL-1.1
BuildArch: {architecture}
# The folder brings its libraries; what it takes from the system is named here, as Fedora and openSUSE both provide it.
AutoReqProv: no
Requires: {requires}
Requires: fontconfig, xkeyboard-config
Requires: (dejavu-sans-fonts or dejavu-fonts or google-noto-sans-fonts or liberation-sans-fonts or liberation-fonts)
%global __os_install_post %{{nil}}
%global debug_package %{{nil}}
%global _build_id_links none
%define _binary_payload w9.xzdio

%description
Runs a real FastAPI server under real load and shows live what every process, thread and event loop is doing, on a
timeline that goes from ten minutes down to a microsecond. It brings its own Python; a server may run under any other.

%install
mkdir -p %{{buildroot}}
cp -a '{root}/usr' %{{buildroot}}/usr

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
            version=before_release("~"),
            summary=SUMMARY,
            architecture=machine(),
            requires=requires(elf.asked(place / "root" / "usr")),
            root=place / "root",
        ),
        "utf-8",
    )
    run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {place}", "--define", f"_rpmdir {place / 'made'}", spec])
    for made in (place / "made").rglob("*.rpm"):
        shutil.copyfile(made, output / made.name)
        say(f"{output / made.name}: {made.stat().st_size / 1e6:.1f} MB")


def requires(asked: elf.Asked) -> str:
    """What the package asks of the system: sonames and versions of symbols, whatever their packages are called."""
    newest = [f"libc.so.6(GLIBC_{asked.glibc})(64bit)"]
    if asked.glibcxx:
        newest.append(f"libstdc++.so.6(GLIBCXX_3.4.{asked.glibcxx})(64bit)")
    return ", ".join((*newest, *(f"{library}()(64bit)" for library in asked.libraries)))
