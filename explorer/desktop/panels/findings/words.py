"""What the list of findings says. No Qt."""

from collections.abc import Mapping, Sequence
from typing import Final

from explorer.analysis.finding import Figure, Finding, Told

ABOUT: Final = {"server": "Server", "machine": "Machine", "load": "Load"}
NOTHING: Final = "Nothing found."
LOOKED_FOR: Final = "It is looked for {}."
NO_RUN: Final = "Run something: while it runs, the explorer looks for {}."
DISMISSED: Final = "{} dismissed for this run."


def looked_for(findings: Sequence[Finding]) -> str:
    """All that is looked for, in one list of words."""
    words = [finding.looks_for for finding in findings]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def evidence(figures: Mapping[str, Figure]) -> str:
    """The numbers in one line: "longest 200.8 ms · blocked share 100 %"."""
    parts = [f"{_name(key)} {_value(key, value)}" for key, value in figures.items() if value is not None]
    return " · ".join(parts)


def badge(told: Sequence[Told]) -> str:
    """What the button says: how many there are."""
    return f"Findings {len(told)}" if told else "Findings"


def _name(key: str) -> str:
    for end in ("_ms", "_s", "_share", "_fraction", "_rps"):
        key = key.removesuffix(end)
    return key.replace("_", " ")


def _value(key: str, value: Figure) -> str:
    if isinstance(value, str):
        return value
    if key.endswith(("_share", "_fraction")) or key == "share" or key.startswith("share_"):
        return f"{100 * (value or 0):.0f} %"
    unit = {"ms": " ms", "s": " s", "rps": "/s"}.get(key.rpartition("_")[2], "") if "_" in key else ""
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    return "" if key == "pid" and not value else (str(value) if key == "pid" else f"{number}{unit}")
