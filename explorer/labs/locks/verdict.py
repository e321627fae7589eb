"""What a run of a lock scenario showed, in figures and in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Figure = float | int | bool | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the claim holds, the sentence with the numbers, and the numbers themselves by their names.

    Names end in their unit; times are in ms (`_ms`) or s (`_s`).
    """

    holds: bool
    sentence: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run: `claim` is what was to be seen, `cycle` owners and locks by turns if a circle closed."""

    scenario: str
    cured: bool
    claim: str
    judgement: Judgement
    cycle: tuple[str, ...] | None = None

    @property
    def holds(self) -> bool:
        """Whether the run showed what the claim says."""
        return self.judgement.holds

    def as_json(self) -> dict[str, Any]:
        """Plain data: {scenario, cured, claim, holds, evidence{verdict, …}, cycle}."""
        return {
            "scenario": self.scenario,
            "cured": self.cured,
            "claim": self.claim,
            "holds": self.holds,
            "evidence": {"verdict": self.judgement.sentence} | dict(self.judgement.figures),
            "cycle": list(self.cycle) if self.cycle is not None else None,
        }

    def as_text(self) -> str:
        """The same for people."""
        lines = [self.claim, self.judgement.sentence, f"The claim {'holds' if self.holds else 'does not hold'}.", ""]
        width = max(len(name) for name in self.judgement.figures) if self.judgement.figures else 0
        lines += [f"    {name:<{width}}  {_told(value)}" for name, value in self.judgement.figures.items()]
        return "\n".join(lines).rstrip()


def _told(value: Figure) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "not known" if value is None else f"{value:,}" if isinstance(value, (int, float)) else value


def ms(value: float) -> float:
    """A figure in ms, to the µs."""
    return round(value, 3)


def count(number: float, one: str, many: str = "") -> str:
    """A number with its noun: "1 waiter", "8,000 additions"."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"


def lasting(milliseconds: float) -> str:
    """A time as people say it: "0.4 ms", "52 ms", "3.1 s"."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"
