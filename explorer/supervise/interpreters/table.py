"""The interpreters of this machine as the command line tells of them."""

from typing import Any

from explorer.scenario import ServerKnobs
from explorer.supervise.checks import NEEDED, choices
from explorer.supervise.interpreters.find import Interpreter, Interpreters

USABLE = (*NEEDED, *choices(ServerKnobs()))
"""Packages that an interpreter must have to be called usable: those of a server as it is set at first."""


def found_here() -> list[Interpreter]:
    """The interpreters of this machine, asked for what a server needs."""
    return Interpreters().find(USABLE, USABLE)


def as_data(found: list[Interpreter]) -> list[dict[str, Any]]:
    """What `list interpreters --json` prints."""
    return [_row(each) for each in found]


def _row(each: Interpreter) -> dict[str, Any]:
    lacks = [name for name in each.answer.absent if name in USABLE]
    reason = each.answer.trouble(each.path, USABLE)
    return {
        "path": each.path,
        "title": each.title,
        "version": each.answer.text,
        "implementation": each.answer.implementation,
        "free_threaded": each.answer.free_threaded,
        "gil": each.answer.gil,
        "origin": each.origin,
        "available": not reason,
        "reason": reason or None,
        "missing": lacks,
        "command": each.answer.remedy(each.path, lacks) or None,
        "remark": each.remark or None,
    }


def as_text(found: list[Interpreter]) -> str:
    """A line for each, and below it what stands in the way."""
    lines = []
    for each in found:
        lines.append(f"{each.title:<32}{each.place}  ({each.origin})")
        said = each.answer.trouble(each.path, USABLE) or each.remark
        if said:
            lines.append(f"    {said}")
    return "\n".join(lines) or "No Python was found here."
