"""One file that runs on every Linux with a C library new enough: a runtime, and after it an image of the folder.

The runtime is not ours: it is fetched by its hash, or taken from where EXPLORER_APPIMAGE_RUNTIME says.
"""

import os
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from builder import linux, sums
from builder.tools import NAME, PACKAGING, ROOT, Missing, fresh, machine, need, run, say, version, work

RUNTIME = "EXPLORER_APPIMAGE_RUNTIME"
RELEASE = "https://github.com/AppImage/type2-runtime/releases/download/20251108/runtime-{machine}"
HASHES = {
    "x86_64": "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d",
    "aarch64": "00cbdfcf917cc6c0ff6d3347d59e0ca1f7f45a6df1a428a0d6d8a78664d87444",
}


def possible() -> None:
    """Raise `Missing` but on a Linux with mksquashfs."""
    if sys.platform != "linux":
        raise Missing("appimage needs Linux.")
    need("mksquashfs")


def build(output: Path) -> Path:
    """Write NAME-VERSION-ARCH.AppImage around the folder that was frozen."""
    place = fresh(work("appimage"))
    app = place / "AppDir"
    linux.lay_out(output, app / "usr")
    dress(app)
    made = output / f"{NAME}-{version()}-{machine()}.AppImage"
    join(runtime(place, os.environ), app, made)
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    return made


def dress(app: Path) -> None:
    """Put beside `usr/` what is looked for at the top: what to run, the menu entry, the icon."""
    shutil.copy(PACKAGING / "appimage" / "AppRun", app / "AppRun")
    (app / "AppRun").chmod(0o755)
    shutil.copyfile(PACKAGING / "linux" / f"{NAME}.desktop", app / f"{NAME}.desktop")
    shutil.copyfile(ROOT / "resources" / "icons" / f"{NAME}.svg", app / f"{NAME}.svg")
    (app / ".DirIcon").symlink_to(f"{NAME}.svg")


def join(head: Path, app: Path, made: Path) -> None:
    """Write the image of `app` behind the runtime `head`. Equal files give an equal image."""
    image = app.parent / "image"
    run(["mksquashfs", app, image, "-root-owned", "-noappend", "-comp", "zstd", "-quiet",
         "-mkfs-time", "0", "-all-time", "0"])  # fmt: skip
    with made.open("wb") as whole:
        for part in (head, image):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
    made.chmod(0o755)


def runtime(folder: Path, given: Mapping[str, str]) -> Path:
    """The runtime for this processor. `Missing` where there is none, or another than was meant."""
    if given.get(RUNTIME):
        return Path(given[RUNTIME])
    wanted = HASHES.get(machine())
    if wanted is None:
        raise Missing(f"there is no runtime of AppImage for {machine()}; {RUNTIME} may name one.")
    fetched = folder / "runtime"
    try:
        with urllib.request.urlopen(RELEASE.format(machine=machine()), timeout=60) as answer:
            fetched.write_bytes(answer.read())
    except OSError as error:
        raise Missing(
            f"the runtime of AppImage cannot be fetched ({error}); fetch it elsewhere and name it: {RUNTIME}."
        ) from None
    if sums.digest(fetched) != wanted:
        raise Missing("the runtime of AppImage is not the one that was meant: its hash differs.")
    return fetched
