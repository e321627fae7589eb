"""What a picture of a lab is to show."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LabShot:
    """Which `scenario` of a `lab`, as written or `cured`; `runs`: after a run, else as one comes in. With `file` that
    recording is opened instead. Of the isolation lab: `level`, the database's `url`, the `tab`, and after how many
    `steps` (None: all).
    """

    lab: str
    scenario: str
    cured: bool = False
    runs: bool = True
    file: Path | None = None
    level: str = ""
    url: str = ""
    tab: str = ""
    steps: int | None = None
