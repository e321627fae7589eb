"""The files of a Linux installation, laid out below a prefix: what .deb, .rpm and tar.xz share."""

import shutil
from pathlib import Path

from builder import changelog, frozen
from builder.tools import IDENTIFIER, NAME, PACKAGING, ROOT, work

LINUX = PACKAGING / "linux"
METAINFO = f"{IDENTIFIER}.metainfo.xml"


def lay_out(output: Path, root: Path) -> None:
    """`root/lib/NAME` the folder, `root/bin/NAME` a link to it, `root/share` what the desktop wants to know."""
    (root / "lib").mkdir(parents=True)
    (root / "bin").mkdir()
    frozen.copy(output, root / "lib" / NAME)
    (root / "bin" / NAME).symlink_to(Path("..") / "lib" / NAME / NAME)
    share = root / "share"
    _copy(LINUX / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop")
    _copy(LINUX / f"{NAME}.xml", share / "mime" / "packages" / f"{NAME}.xml")
    metainfo = share / "metainfo" / METAINFO
    _copy(LINUX / METAINFO, metainfo)
    metainfo.write_text(metainfo.read_text("utf-8").replace("@RELEASES@", changelog.as_appstream()), "utf-8")
    _copy(ROOT / "resources" / "icons" / f"{NAME}.svg", share / "icons/hicolor/scalable/apps" / f"{NAME}.svg")
    for drawn in work("icons").glob("*.png"):
        _copy(drawn, share / f"icons/hicolor/{drawn.stem}x{drawn.stem}/apps/{NAME}.png")
    _open(root)


def _copy(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)


def _open(root: Path) -> None:
    """Everybody may read, the owner alone may write, whatever the umask of the builder was."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def installed_kib(root: Path) -> int:
    """How much it takes on a disk, in KiB, with each file in whole blocks."""
    return sum((path.lstat().st_size + 4095) // 4096 * 4 for path in root.rglob("*"))
