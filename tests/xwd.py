"""What an X server shows (a file of the XWD format, mapped by Xvfb) as a PNG."""

import struct
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

FIELDS: Final = 25
"""Words of the header, big-endian: the size of the header is the first; see X11/XWDFile.h for the others."""
SIZE, WIDTH, HEIGHT, BITS, LINE, COLOURS = 0, 4, 5, 11, 12, 19
COLOUR_BYTES: Final = 12


def save_png(picture: Path, output: Path) -> None:
    """Write what is on the screen now. Raises `ValueError` for a screen without 32 bits a pixel."""
    data = picture.read_bytes()
    words = struct.unpack(f">{FIELDS}I", data[: 4 * FIELDS])
    if words[BITS] != 32:
        raise ValueError(f"The screen has {words[BITS]} bits a pixel.")
    begin = words[SIZE] + words[COLOURS] * COLOUR_BYTES
    image = QImage(data[begin:], words[WIDTH], words[HEIGHT], words[LINE], QImage.Format.Format_RGB32)
    if not image.save(str(output)):
        raise ValueError(f"{output} cannot be written.")
