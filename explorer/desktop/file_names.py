"""What a file is called that the program proposes in a dialog: what it is of, in the words of the window, and when that
was. Every system takes these names. No Qt.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from explorer.desktop.titles import title_of
from explorer.recording import retention
from explorer.records.clock import now_ns

if TYPE_CHECKING:
    from explorer.desktop.control import Control

UNSAFE: Final = frozenset('<>:"/\\|?*')
"""What Windows takes in no name; the others forbid less."""
RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
"""Devices of Windows, which are no files whatever follows behind a dot."""
MOST_BYTES: Final = 160
"""Of the title, in UTF-8: with time and suffix less than the 255 that a name may have."""
NAMELESS: Final = "Run"


def file_stem(title: str, when: datetime) -> str:
    """A file's name without its suffix: "The pool runs dry 2026-11-27 23.54.10"."""
    text = unicodedata.normalize("NFC", title)
    plain = "".join(" " if each in UNSAFE or unicodedata.category(each)[0] == "C" else each for each in text)
    cut = " ".join(plain.split()).encode()[:MOST_BYTES].decode(errors="ignore")
    # A dot in front hides a file, a dash makes an option of it, a tilde a home.
    kept = cut.lstrip(".-~ ").rstrip(". ") or NAMELESS
    kept = f"_{kept}" if RESERVED.match(kept) else kept
    return f"{kept} {when:%Y-%m-%d %H.%M.%S}"


def module_stem(title: str, when: datetime) -> str:
    """The same for a file with tests, which Python has to be able to import: "test_lost_update_2026_11_27_23_54_10"."""
    plain = unicodedata.normalize("NFKD", file_stem(title, when)).encode("ascii", "ignore").decode()
    return "_".join(["test", *re.findall(r"[a-z0-9]+", plain.lower())])


def stem_on_screen(control: "Control") -> str:
    """For what is on the screen: a recording's own name, else its title and when it was run."""
    if control.source_path is not None and not _kept(control.source_path):
        return Path(control.source_name).stem
    return file_stem(title_of(control.catalog, control.scenario), _run_at(control))


def _kept(path: Path) -> bool:
    """Whether it is a run that the program keeps, whose folder it has named itself."""
    return path.parent == retention.runs_folder()


def _run_at(control: "Control") -> datetime:
    """When what is on the screen was run; now, if nothing was."""
    now = datetime.now()
    if control.source_path is not None:
        run = retention.kept(control.source_path)
        return now if run is None else datetime.fromtimestamp(run.started)
    return now - timedelta(seconds=(now_ns() - control.began_ns) / 1e9) if control.session is not None else now
