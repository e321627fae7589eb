"""Where things lie: the resources that travel with the program, and the user's own folders."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from explorer.option_error import OptionError

APP_FOLDER = "concurrency-explorer"
SCRATCH = "scratch"


def resources() -> Path:
    """The folder `resources/`: inside the package when installed by pip, beside it in a checkout and when frozen.

    Inside is looked first: beside an installed package lies whatever else was installed.
    """
    package = Path(__file__).resolve().parent
    candidates = [package / "resources", package.parent / "resources"]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"The folder 'resources' is missing; it should lie at {candidates[0]}. Install the program again."
    )


def user_data() -> Path:
    """The folder for recordings and settings of this user (not created)."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / APP_FOLDER


def new_run_folder() -> Path:
    """Create a private folder (mode 0700) for one run, with its `rings/` inside.

    Rings are memory-mapped files that are written all the time. On a disk the kernel's write-back can stall the very
    thread that is observed, so `rings` is a link into memory where the system offers that; all else lies on disk and
    outlives a crash. Raises `OptionError` where nothing can be written.
    """
    parent = user_data() / "runs"
    try:
        return _new_run_folder(parent)
    except OSError as error:
        raise OptionError(
            f"No folder for the run can be made in {parent} ({error.strerror}); make room there or set another place "
            "for this user's data (XDG_DATA_HOME)."
        ) from None


def _new_run_folder(parent: Path) -> Path:
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    run = Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=parent))
    memory = _memory_folder()
    if memory is None:
        (run / "rings").mkdir(mode=0o700)
    else:
        (run / "rings").symlink_to(tempfile.mkdtemp(prefix="explorer-rings-", dir=memory), target_is_directory=True)
    (run / "numbers").mkdir(mode=0o700)
    return run


def scratch_folder(run: Path) -> Path:
    """The folder for what a run needs only while it goes on, such as a database; made when it is first asked for."""
    folder = run / SCRATCH
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def release(run: Path) -> None:
    """Give back what a run needed only while it went on: its scratch files, and the memory of its rings once nobody
    writes or reads them.

    A link in the scratch folder is followed: a part may have had to lie elsewhere.
    """
    scratch = run / SCRATCH
    for link in scratch.glob("*"):
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
    shutil.rmtree(scratch, ignore_errors=True)
    rings = run / "rings"
    if rings.is_symlink():
        shutil.rmtree(rings.readlink(), ignore_errors=True)
        rings.unlink(missing_ok=True)
    else:
        shutil.rmtree(rings, ignore_errors=True)


def remove_run_folder(run: Path) -> None:
    """Delete a run folder and what it links to. What is already gone is no error."""
    release(run)
    shutil.rmtree(run, ignore_errors=True)


def _memory_folder() -> Path | None:
    shared = Path("/dev/shm")
    if sys.platform != "linux" or not shared.is_dir() or not os.access(shared, os.W_OK):
        return None
    room = os.statvfs(shared)
    return shared if room.f_bavail * room.f_frsize > 1 << 30 else None
