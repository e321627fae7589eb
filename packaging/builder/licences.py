"""The licences of everything that travels in a frozen folder: their texts, and one list with names and versions.

Four kinds travel along: what the project requires (the program itself knows its parts), Python, libraries of others in
the wheels of what is required, and those of the system that built it, which the boot loader's recipe took in beside
them. A library of which nobody knows whose it is ends the build.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.tools import ROOT, Missing, need, run

FILE = "licences.json"
FOLDER = "licences"
SOURCES = "SOURCES.txt"
LIST = """
import json
from explorer.desktop.about.parts import installed
for part in installed():
    texts = [str(text) for text in part.texts]
    print(json.dumps({"name": part.name, "version": part.version, "licence": part.licence, "files": texts}))
"""
DOCUMENTS, COMMON = Path("/usr/share/doc"), Path("/usr/share/common-licenses")
REFERENCE = re.compile(r"common-licenses/([\w.+-]+)")
OF_THE_WHEEL = re.compile(r"^lib(Qt6|pyside6|shiboken6|python|scipy_openblas)|^lib(gfortran|quadmath)-")
"""Libraries of whom the text of the wheel that brings them speaks as well: Qt's own, and NumPy's."""
TEXTS = ROOT / "resources" / "licences"
LGPL_2_1 = ("LGPL-2.1-only.txt", "LGPL-2.0-only.txt")
IN_WHEELS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (r"^libpq-", "libpq", "PostgreSQL", ("libraries/libpq.txt",)),
    (r"^lib(crypto|ssl)-", "OpenSSL", "Apache-2.0", ("libraries/openssl.txt", "Apache-2.0.txt")),
    (r"^lib(krb5|krb5support|gssapi_krb5|k5crypto)-", "MIT Kerberos", "MIT", ("libraries/krb5.txt",)),
    (r"^lib(ldap|lber)-", "OpenLDAP", "OLDAP-2.8", ("libraries/openldap.txt",)),
    (r"^libsasl2-", "Cyrus SASL", "BSD-4-Clause", ("libraries/cyrus-sasl.txt",)),
    (r"^libkeyutils-", "keyutils", "LGPL-2.1-or-later", ("libraries/keyutils.txt", *LGPL_2_1)),
    (r"^libcom_err-", "com_err", "MIT", ("libraries/com-err.txt",)),
    (r"^libcrypt-", "libxcrypt", "LGPL-2.1-or-later", ("libraries/libxcrypt.txt", *LGPL_2_1)),
    (r"^libicu", "ICU", "Unicode-3.0", ("libraries/icu.txt",)),
)
"""Libraries of others in wheels whose texts do not speak of them: what their files are called, name, licence, texts."""
IN_QT = ("Code of others in Qt", "Several, named in its text", ("libraries/qt.txt",))


def collect(made: Path, python: Path) -> None:
    """Write `licences/` into the folder `made`: the texts, and the list (name, version, licence, files).

    Raises `Missing` for a part without a text and a library of nobody.
    """
    folder = made / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TEXTS / SOURCES, folder / SOURCES)
    kept = [{**part, "files": _keep(folder, part["name"], part["files"])} for part in installed(python)]
    qt = next(part["version"] for part in kept if part["name"] == "Qt")
    kept.append({"name": IN_QT[0], "version": qt, "licence": IN_QT[1], "files": _texts(folder, "Qt", IN_QT[2])})
    if sys.platform == "linux":
        found = (made / "_internal").rglob("lib*.so*")
        libraries = sorted({path.name for path in found if "plugins" not in path.parts})  # all plugins are Qt's
        kept += _of_wheels(folder, libraries)
        kept += _of_the_system(folder, libraries)
    if without := [part["name"] for part in kept if not part["files"]]:
        raise Missing(f"there is no text of the licence of {', '.join(without)}.")
    (folder / FILE).write_text(json.dumps(kept, indent=1), "utf-8")


def in_a_wheel(library: str) -> bool:
    """Whether a library came in a wheel, by its name."""
    return bool(OF_THE_WHEEL.search(library)) or any(re.search(pattern, library) for pattern, *_ in IN_WHEELS)


def installed(python: Path) -> list[dict[str, Any]]:
    """The parts in the environment of `python`, each with the paths of its texts as `files`."""
    return [json.loads(line) for line in run([python, "-c", LIST]).splitlines()]


def listed(made: Path) -> list[dict[str, Any]]:
    """The list that `collect` wrote into the folder `made`."""
    found: list[dict[str, Any]] = json.loads((made / FOLDER / FILE).read_text("utf-8"))
    return found


def _keep(folder: Path, name: str, texts: Iterable[str]) -> list[str]:
    """Copy the texts of one part; what they are called now. Several may have had one name."""
    files: list[str] = []
    for text in map(Path, texts):
        kept = f"{name}-{text.name}"
        if kept in files:
            kept = f"{name}-{text.parent.name}-{text.name}"
        if kept in files:
            kept = f"{name}-{len(files)}-{text.name}"
        shutil.copyfile(text, folder / kept)
        files.append(kept)
    return files


def _texts(folder: Path, name: str, texts: Iterable[str]) -> list[str]:
    return _keep(folder, name, [str(TEXTS / text) for text in texts])


def _of_wheels(folder: Path, libraries: Iterable[str]) -> list[dict[str, Any]]:
    """The libraries of others in wheels; their versions are those of their sonames."""
    found = []
    for pattern, name, licence, texts in IN_WHEELS:
        held = [library for library in libraries if re.search(pattern, library)]
        if held:
            version = held[0].partition(".so.")[2]
            files = _texts(folder, name, texts)
            found.append({"name": name, "version": version, "licence": licence, "files": files, "libraries": held})
    return found


def _of_the_system(folder: Path, libraries: Iterable[str]) -> list[dict[str, Any]]:
    """The packages of this Debian that the libraries came from, each with its `copyright`."""
    packages: dict[str, list[str]] = {}
    for library in sorted(libraries):
        if in_a_wheel(library):
            continue
        found_in = owners(library)
        if not found_in:
            raise Missing(
                f"nobody knows whose {library} is, and so under which licence: say so in builder/licences.py."
            )
        for package in found_in:
            packages.setdefault(package, []).append(library)
    found = []
    for package, held in sorted(packages.items()):
        text = DOCUMENTS / package / "copyright"
        number = run(["dpkg-query", "--show", "--showformat", "${Version}\n", package]).split()[0]
        files = _keep(folder, package, [str(text)]) + _common(folder, text) if text.is_file() else []
        licence = "Several, named in its text"
        found.append({"name": package, "version": number, "licence": licence, "files": files, "libraries": held})
    return found


def _common(folder: Path, text: Path) -> list[str]:
    """Copy the licences that a `copyright` does not repeat but refers to; what they are called now."""
    named = {found.rstrip(".") for found in REFERENCE.findall(text.read_text("utf-8", errors="replace"))}
    there = [COMMON / name for name in sorted(named) if (COMMON / name).is_file()]
    for licence in there:
        shutil.copyfile(licence, folder / f"common-{licence.name}")
    return [f"common-{licence.name}" for licence in there]


def owners(library: str) -> set[str]:
    """The installed packages that hold a file of this name."""
    need("dpkg-query")
    answer = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True, check=False)
    return {line.partition(":")[0] for line in answer.stdout.splitlines() if "/lib" in line}
