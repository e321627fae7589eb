"""How much processor time the control groups of this process allow it, on Linux; containers are limited that way."""

from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")
MEMBERS: Final = Path("/proc/self/cgroup")


def quota(members: Path = MEMBERS, root: Path = ROOT) -> float | None:
    """Cores by the tightest quota of this process's group and those above it; None without one, or where there is no
    such thing.
    """
    try:
        lines = members.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    limits = [limit for line in lines for limit in _limits(line, root)]
    return min(limits, default=None)


def _limits(line: str, root: Path) -> list[float]:
    """The quotas of one line, `number:controllers:path`: no controllers means version 2."""
    _, _, rest = line.partition(":")
    controllers, _, path = rest.partition(":")
    if not controllers:
        return [limit for folder in _upwards(root, path) if (limit := _version_2(folder)) is not None]
    if "cpu" not in controllers.split(","):
        return []
    tops = (root / controllers, root / "cpu")
    top = next((each for each in tops if each.is_dir()), tops[-1])
    return [limit for folder in _upwards(top, path) if (limit := _version_1(folder)) is not None]


def _upwards(top: Path, path: str) -> list[Path]:
    """The group's folder and all above it. In a container the path may not exist below its own root: then that."""
    folder = top / path.strip("/")
    return [each for each in (folder, *folder.parents) if each == top or top in each.parents]


def _version_2(folder: Path) -> float | None:
    words = _read(folder / "cpu.max").split()
    return _ratio(words[0], words[1]) if len(words) == 2 else None


def _version_1(folder: Path) -> float | None:
    return _ratio(_read(folder / "cpu.cfs_quota_us").strip(), _read(folder / "cpu.cfs_period_us").strip())


def _ratio(limit: str, period: str) -> float | None:
    if not (limit.isdecimal() and period.isdecimal()) or not int(period) or not int(limit):
        return None  # "max" and -1 stand for none
    return int(limit) / int(period)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
