"""What a lesson needs that not every machine has. Where it lacks, the lesson is skipped, with the reason."""

import importlib.util

from explorer.lessons.lesson import Lesson
from explorer.option_error import OptionError
from explorer.supervise.interpreters.find import Interpreters
from explorer.supervise.postgres import programs

COMPARED = ("3.13t", "3.13")
"""A Python without the GIL, and the same with it."""
PACKAGES = ("fastapi", "uvicorn", "pydantic", "h11")


def lacking(lesson: Lesson, interpreters: Interpreters | None = None) -> str | None:
    """Why this lesson cannot run here; None if it can. Looking for a free-threaded Python may take a second."""
    for need in lesson.needs:
        reason = _CHECKS[need](interpreters)
        if reason is not None:
            return reason
    return None


def _postgresql(interpreters: Interpreters | None) -> str | None:
    if next(programs.find(), None) is not None:
        return None
    return f"This lesson needs PostgreSQL; to get it: {programs.HOW_TO_GET}"


def _cluster(interpreters: Interpreters | None) -> str | None:
    if importlib.util.find_spec("distributed") is not None:
        return None
    return "This lesson needs Dask; install its package distributed."


def _free_threaded(interpreters: Interpreters | None) -> str | None:
    asked = interpreters or Interpreters()
    try:
        for version in COMPARED:
            asked.resolve(version, PACKAGES)
    except OptionError as error:
        return (
            "This lesson runs under two Pythons, 3.13 without the GIL (python3.13t, a free-threaded build) and 3.13 "
            f"with it, each with {', '.join(PACKAGES)}. Install what is missing. {error}"
        )
    finally:
        if interpreters is None:
            asked.close()
    return None


_CHECKS = {"postgresql": _postgresql, "cluster": _cluster, "free-threaded": _free_threaded}
