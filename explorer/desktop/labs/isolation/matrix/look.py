"""How a cell of the matrix looks, and how it reads aloud. No Qt.

A cell's fill says whether the anomaly happened; how it was prevented is a symbol and a word. Under AUTOCOMMIT nothing
protects anybody, so that a cell there only shows whether the detector works.
"""

from dataclasses import dataclass
from typing import Final, Literal

from explorer.desktop.labs.isolation.outcome import OPEN, outcome
from explorer.labs.isolation.matrix import Cell
from explorer.labs.isolation.verdict import Verdict

AUTOCOMMIT: Final = "AUTOCOMMIT"
Kind = Literal["happened", "prevented", "fires", "silent", "measuring", "empty", "refused"]
"""`fires`, `silent`: it happened under AUTOCOMMIT, or was not seen. `empty`: not measured yet."""
MOST_CODES: Final = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What is in a cell. `icons` stand before the words; `code`: the words are the engine's.

    `differs`: a badge. `guess`: "" not predicted, "right" or "wrong".
    """

    kind: Kind
    icons: tuple[str, ...] = ()
    text: str = ""
    code: bool = False
    differs: bool = False
    guess: Literal["", "right", "wrong"] = ""

    @property
    def filled(self) -> bool:
        """Whether it is an area rather than an outline."""
        return self.kind == "happened"


def look_of(level: str, cell: Cell | None, *, measuring: bool = False, guess: bool | None = None) -> Look:
    """The look of a cell; None: not measured. `guess`: whether it was predicted to happen; None: it was not."""
    if measuring:
        return Look("measuring", ("loader",), "")
    if cell is None:
        return Look("empty")
    if cell.verdict is None or shown_by(cell) is None:
        return Look("refused", (), "–")
    verdict, differs = cell.verdict, bool(cell.differences)
    if level == AUTOCOMMIT:
        kind: Kind = "fires" if verdict.happened else "silent"
        return Look(kind, (), "!  happened" if verdict.happened else "not seen", differs=differs)
    judged: Literal["", "right", "wrong"] = ""
    if guess is not None:
        judged = "right" if guess == verdict.happened else "wrong"
    if verdict.happened:
        return Look("happened", (), "!  happened", differs=differs, guess=judged)
    icons, text, code = _how(verdict)
    return Look("prevented", icons, text, code, differs, judged)


def _how(verdict: Verdict) -> tuple[tuple[str, ...], str, bool]:
    """Symbols, words, and whether these are the engine's: what ended it comes last."""
    waited = ("hourglass",) if "blocked" in verdict.how else ()
    if "aborted" in verdict.how:
        return (*waited, "octagon-x"), " ".join(verdict.codes[:MOST_CODES]) or "aborted", bool(verdict.codes)
    if waited:
        return waited, "blocked", False
    if "versions" in verdict.how:
        return ("layers",), "old version", False
    return ("shield-check",), "prevented", False


def shown_by(cell: Cell | None) -> bool | None:
    """Whether a cell shows that it happens; None: it shows nothing, as it was not run, or not to its end."""
    if cell is None or cell.verdict is None:
        return None
    if cell.trace is None:
        return cell.verdict.happened
    found = outcome(cell.verdict, cell.trace)
    return None if found == OPEN else cell.verdict.happened


def why_nothing(cell: Cell) -> str:
    """Why a cell shows nothing."""
    return cell.refused or (cell.verdict.sentence if cell.verdict is not None else "")


def shorter(text: str, code: bool) -> tuple[str, ...]:
    """Forms of a cell's words for less room, longest first: "SQLITE_LOCKED_SHAREDCACHE", "LOCKED_SHAREDCACHE",
    "LOCKED"; "!  happened", "!".
    """
    if code:
        bare = text.removeprefix("SQLITE_")
        return tuple(dict.fromkeys((text, bare, bare.partition("_")[0])))
    return (text, "!") if text.startswith("!") else (text,)


def how_in_words(verdict: Verdict) -> str:
    """How it was prevented, or what the engine did all the same: "a statement was blocked, then aborted with 40001"."""
    words = []
    if "versions" in verdict.how:
        words.append("an old version was read")
    if "blocked" in verdict.how:
        words.append("a statement was blocked")
    if "aborted" in verdict.how:
        codes = f" with {' and '.join(verdict.codes)}" if verdict.codes else ""
        words.append(f"the engine aborted a transaction{codes}")
    return ", ".join(words)


def spoken(title: str, level: str, cell: Cell | None, *, measuring: bool = False, guess: bool | None = None) -> str:
    """A cell as one would read it to somebody: "Write skew at SERIALIZABLE: prevented, a statement was blocked."."""
    head = f"{title} at {level}:"
    if measuring:
        return f"{head} being measured."
    if cell is None:
        return f"{head} not measured."
    if cell.verdict is None or shown_by(cell) is None:
        return f"{head} cannot run. {why_nothing(cell)}".strip()
    verdict = cell.verdict
    if level == AUTOCOMMIT:
        parts = [f"{head} {'happened, so the detector works' if verdict.happened else 'not seen'}."]
    else:
        how = how_in_words(verdict)
        parts = [f"{head} {'happened' if verdict.happened else 'prevented'}{f', {how}' if how else ''}."]
        if guess is not None:
            right = guess == verdict.happened
            said = "can happen" if guess else "cannot happen"
            parts.append(f"You predicted that it {said}, which is {'right' if right else 'wrong'}.")
    parts += [f"Differs from {one.what}: {one.why}" for one in cell.differences]
    return " ".join(parts)
