"""What a machine must have for a lesson; where it lacks something the lesson is skipped, with the reason."""

import importlib.util
from collections.abc import Callable, Mapping

from explorer.lessons.lesson import Lesson


def _free_threaded() -> str:
    from explorer.supervise.interpreters.table import as_data, found_here

    if any(each["available"] and each["free_threaded"] for each in as_data(found_here())):
        return ""
    return "No free-threaded Python that can run the server was found here; install one, such as 3.13t."


def _postgresql() -> str:
    from explorer.supervise.postgres.programs import find

    return "" if next(find(), None) is not None else "There is no PostgreSQL on this machine."


def _cluster() -> str:
    if importlib.util.find_spec("distributed") is None:
        return "The package 'distributed' is not installed; it comes with the extra 'cluster'."
    return ""


CHECKS: Mapping[str, Callable[[], str]] = {
    "free-threaded": _free_threaded,
    "postgresql": _postgresql,
    "cluster": _cluster,
}


def lacking(lesson: Lesson, checks: Mapping[str, Callable[[], str]] = CHECKS) -> str | None:
    """Why `lesson` cannot run on this machine, in one sentence; None if it can. May take a second: it looks."""
    for need in lesson.needs:
        reason = checks[need]()
        if reason:
            return reason
    return None
