"""File I/O: the request writes a file and reads it back; its thread stands still meanwhile."""

import os

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State


class FileIoKnobs(Knobs):
    """How much is written and read."""

    kilobytes: int = knob(
        256, ge=1, le=262_144, title="File size", unit="KiB", effect="live",
        description="How much each request writes and reads back.",
    )  # fmt: skip
    sync: bool = knob(
        True, title="Wait for the disk", effect="live",
        description="Whether each request waits until its data has reached the disk (fsync).",
    )  # fmt: skip


def available() -> str | None:
    """Positioned reads and writes exist on all systems but Windows."""
    if hasattr(os, "pread") and hasattr(os, "pwrite"):
        return None
    return "File I/O needs os.pread and os.pwrite, which this system lacks; choose another workload."


feature = Feature(
    id="file_io",
    title="File I/O",
    short="Reads and writes files.",
    summary="Reads and writes a file; the thread stands still meanwhile.",
    group="Data",
    order=50,
    picture=(
        (0, 0.06, 0.04, State.RUNNING),
        (0, 0.10, 0.16, State.BLOCKED),
        (0, 0.26, 0.03, State.RUNNING),
        (0, 0.29, 0.40, State.BLOCKED),
        (0, 0.69, 0.03, State.RUNNING),
        (0, 0.72, 0.12, State.BLOCKED),
        (0, 0.84, 0.04, State.RUNNING),
    ),
    entry="explorer.server.workloads.file_io.body:blocking",
    knobs=FileIoKnobs,
    available=available,
    forms=("blocking",),
    no_form={"awaiting": "Files are read and written by calls that block; choose the thread pool."},
    calls={"os.pwrite": State.BLOCKED, "os.fsync": State.BLOCKED, "os.pread": State.BLOCKED},
    bound="The files of this workload lie in the run's folder on this machine.",
)
