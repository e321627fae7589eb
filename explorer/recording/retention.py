"""The run folders of this user: what was run lately, what a crash left behind, and how old runs go.

A run whose recorder wrote no `end` line was cut short; if its process is gone, it is offered as "Recovered run". One
that is over stays as long as the process that ran it still shows it (`owner`).
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer import paths
from explorer.option_error import OptionError
from explorer.recording import owner
from explorer.recording.files import Folder, read_run
from explorer.recording.segments import NAME

LIMIT_BYTES: Final = 5 << 30
LIMIT_FILE: Final = "kept.json"
TURN_NS: Final = 500_000_000
TAIL_BYTES: Final = 1 << 16
ABANDONED_S: Final = 600.0
"""A folder without a recording in which nothing has changed for so long is not being made any more."""
_MARKS: Final = ("begin", "flush", "end")
"""Lines that the recorder writes of itself, whatever it was given."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run folder. `started` is seconds since 1970, `duration` seconds, `bytes` what it takes on disk.

    `crashed`: its recorder was killed; `running`: its recorder lives (perhaps in another window); `held`: the process
    that ran it still shows it; `empty`: nothing was recorded (a session that stood by and never began).
    """

    path: Path
    name: str
    started: float
    duration: float
    bytes: int
    crashed: bool
    running: bool
    held: bool
    empty: bool

    @property
    def title(self) -> str:
        """What a list shows."""
        return f"Recovered run: {self.name}" if self.crashed else self.name


def runs_folder() -> Path:
    """Where run folders lie (may not exist yet)."""
    return paths.user_data() / "runs"


def recent(folder: Path | None = None) -> list[KeptRun]:
    """All runs that can be opened, the newest first. Folders that hold no run, or an empty one, are left out."""
    return [run for run in _all(folder) if not run.empty]


def kept(folder: Path) -> KeptRun | None:
    """The run in a folder; None if there is none that can be read."""
    return _look(folder)


def limit() -> int:
    """How many bytes the runs may take together: what the user has chosen, else `LIMIT_BYTES`."""
    try:
        chosen = json.loads((paths.user_data() / LIMIT_FILE).read_bytes())["limit_bytes"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return LIMIT_BYTES
    return chosen if type(chosen) is int and chosen >= 0 else LIMIT_BYTES


def set_limit(limit_bytes: int) -> None:
    """Choose how many bytes the runs may take together. Raises `OptionError` if that cannot be written down."""
    file = paths.user_data() / LIMIT_FILE
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(json.dumps({"limit_bytes": limit_bytes}), encoding="utf-8")
    except OSError as error:
        raise OptionError(f"{file} cannot be written ({error.strerror}). Free some space.") from None


def delete(run: KeptRun) -> None:
    """Delete a run. Raises `OptionError` while it runs or is still shown."""
    now = _look(run.path)
    if now is not None and (now.running or now.held):
        raise OptionError(f"{run.name} is still running or shown in a window. Close that first.")
    paths.remove_run_folder(run.path)


def trim(folder: Path | None = None, limit_bytes: int = LIMIT_BYTES) -> list[Path]:
    """Delete the oldest runs beyond `limit_bytes` and return their folders; the newest stays, and those that
    run or are still shown.

    Also removes empty runs and what is left of runs that never began, and gives back the memory of rings that a crash
    left behind.
    """
    deleted: list[Path] = []
    total = kept = 0
    for run in _all(folder):
        total += run.bytes
        kept += not run.empty
        if run.running or run.held:
            continue
        if run.empty or (kept > 1 and total > limit_bytes):
            paths.remove_run_folder(run.path)
            deleted.append(run.path)
            total -= run.bytes
        elif run.crashed:
            paths.release(run.path)
    for left in _unreadable(folder):
        if _holds_rows(left):
            paths.release(left)
        else:
            paths.remove_run_folder(left)
            deleted.append(left)
    return deleted


def _unreadable(folder: Path | None) -> list[Path]:
    """Folders made for a run that cannot be listed, have not changed for long, and whose recorder is gone."""
    folder = runs_folder() if folder is None else folder
    found = []
    for each in folder.iterdir() if folder.is_dir() else ():
        try:
            made_for_a_run = (each / "rings").is_symlink() or (each / "numbers").is_dir()
            if not made_for_a_run or time.time() - _changed(each) < ABANDONED_S or _look(each) is not None:
                continue
            log = each / "events.jsonl"
            if not (owner.held(each) or (log.is_file() and owner.lives(_first_line(log)))):
                found.append(each)
        except OSError:
            continue  # it is just being removed, or it is not ours
    return found


def _changed(folder: Path) -> float:
    """When anything in a folder last changed, seconds since 1970."""
    return max(each.lstat().st_mtime for each in (folder, *folder.iterdir()))


def _holds_rows(folder: Path) -> bool:
    try:
        return any(NAME.fullmatch(each.name) and each.stat().st_size for each in folder.iterdir())
    except OSError:
        return True  # not to be known: nothing is deleted


def _all(folder: Path | None) -> list[KeptRun]:
    folder = runs_folder() if folder is None else folder
    found = [_look(each) for each in folder.iterdir() if each.is_dir()] if folder.is_dir() else []
    return sorted((run for run in found if run is not None), key=lambda run: run.started, reverse=True)


def _look(folder: Path) -> KeptRun | None:
    try:
        facts = read_run(Folder(folder))
        log = folder / "events.jsonl"
        first, tail = _first_line(log), _last_lines(log)
        changed = folder.stat().st_mtime_ns
        size = sum(each.stat().st_size for each in folder.iterdir() if each.is_file())
        whole = log.stat().st_size <= TAIL_BYTES
    except (OptionError, OSError):
        return None
    ended = any(line.get("type") == "end" for line in tail)
    running = not ended and owner.lives(first)
    clocks = _clocks(tail)
    anchor = facts.get("anchor")
    wall, origin = (_time(anchor.get(key)) if isinstance(anchor, dict) else None for key in ("wall_ns", "monotonic_ns"))
    waited = _waited(log, origin)
    duration = max(0.0, (clocks[-1] - origin - waited) / 1e9) if clocks and origin is not None else 0.0
    started = (changed if wall is None else wall + waited) / 1e9
    crashed, held = not ended and not running, owner.held(folder)
    # Never by a tail alone: one line may be longer than that.
    empty = whole and all(line.get("type") in _MARKS for line in tail) and not _holds_rows(folder)
    return KeptRun(folder, _name(facts), started, duration, size, crashed, running, held, empty)


def _name(facts: dict[str, Any]) -> str:
    scenario = facts.get("scenario")
    if not isinstance(scenario, dict):
        return "Run"
    parts = [scenario.get(part) for part in ("model", "dispatch", "workload")]
    chosen = [str(part["id"]) for part in parts if isinstance(part, dict) and "id" in part]
    return str(scenario.get("name") or "") or ", ".join(chosen) or "Run"


def _time(value: Any) -> int | None:
    """`value` if it is a time in ns: the file may have been damaged."""
    return value if type(value) is int and 0 <= value < 1 << 63 else None


def _first_line(log: Path) -> dict[str, Any]:
    with log.open("rb") as file:
        return _parsed(file.readline(TAIL_BYTES))


def _first_lines(log: Path) -> list[dict[str, Any]]:
    """The lines near the beginning."""
    with log.open("rb") as file:
        return [_parsed(line) for line in file.read(TAIL_BYTES).splitlines()]


def _waited(log: Path, origin: int | None) -> int:
    """How long (ns) a folder had been made ready before its run began; 0 for what a recorder's turn may take."""
    clocks = _clocks(_first_lines(log))
    waited = clocks[0] - origin if clocks and origin is not None else 0
    return waited if waited > TURN_NS else 0


def _clocks(lines: list[dict[str, Any]]) -> list[int]:
    """What these lines say that the time was (ns of the run's clock)."""
    return [clock for line in lines if (clock := _time(line.get("now"))) is not None]


def _last_lines(log: Path) -> list[dict[str, Any]]:
    """The whole lines near the end."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        return [_parsed(line) for line in file.read().splitlines()]


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}
