"""An X server whose picture lies in a file, so that a test can see that a real window is there."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# What stands before the pixels: the header of the XWD format and its colour table.
HEADER = 4096
# An empty screen has one colour; a window of ours has text, lines and fills.
FEW_BYTES = 40


def available() -> bool:
    """Whether an X server can be started here."""
    return shutil.which("Xvfb") is not None


@dataclass(frozen=True)
class Screen:
    """A running X server."""

    display: str
    """What DISPLAY must be for a program to show its window there."""
    picture: Path
    """The file (XWD, mapped by the server) that holds what it shows now."""

    def shows_a_window(self) -> bool:
        """Whether there is more on it than on an empty screen."""
        return len(set(self.picture.read_bytes()[HEADER:])) > FEW_BYTES


@contextmanager
def screen(folder: Path, size: str = "1280x720") -> Iterator[Screen]:
    """An X server that keeps its picture in `folder`, for the length of the block."""
    read_end, write_end = os.pipe()
    # It would start over between two clients, and refuse the second meanwhile: -noreset.
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{size}x24", "-fbdir", str(folder),
               "-ac", "-noreset", "-nolisten", "tcp"]  # fmt: skip
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as said:
            number = said.readline().strip()
        yield Screen(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait()
