"""The icon in the sizes and forms that systems want, all drawn from one SVG of ours.

Qt draws it, which is there anyway; the two container formats are simple: both may hold PNG files as they are.
"""

import struct
from pathlib import Path

from builder.tools import NAME, ROOT, run

SVG = ROOT / "resources" / "icons" / f"{NAME}.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
ICNS_TYPES = {32: b"ic11", 64: b"ic12", 128: b"ic07", 256: b"ic08", 512: b"ic09"}
DRAW = """
import sys
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
application = QGuiApplication(["icons", "-platform", "minimal"])
renderer = QSvgRenderer(sys.argv[1])
for size in sys.argv[3:]:
    image = QImage(int(size), int(size), QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    assert image.save(f"{sys.argv[2]}/{size}.png")
"""


def draw(folder: Path, python: Path) -> Path:
    """Draw `SIZE.png` for all sizes, NAME.ico and NAME.icns into `folder`; returns it."""
    run([python, "-c", DRAW, SVG, folder, *map(str, SIZES)])
    (folder / f"{NAME}.ico").write_bytes(ico({size: (folder / f"{size}.png").read_bytes() for size in ICO_SIZES}))
    (folder / f"{NAME}.icns").write_bytes(icns({size: (folder / f"{size}.png").read_bytes() for size in ICNS_TYPES}))
    return folder


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon of these PNG files, by their size in pixels (256 is written as 0)."""
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    offset = len(head) + 16 * len(pictures)
    for size, png in sorted(pictures.items()):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset + len(body))
        body += png
    return head + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon of these PNG files, by their size in pixels."""
    body = b"".join(ICNS_TYPES[size] + struct.pack(">I", 8 + len(png)) + png for size, png in sorted(pictures.items()))
    return b"icns" + struct.pack(">I", 8 + len(body)) + body
