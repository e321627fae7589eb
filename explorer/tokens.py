"""Colours of the two themes as plain data: surfaces, lines, text, accent, and what each state of a lane looks like.

No Qt here: the window and the reports that are made without one use the same colours. `desktop/theme.py` turns these
strings into colours, fonts and pictures; nothing else in the desktop writes a colour. The contrast of every pair that
is used together is tested.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Final

from explorer.records.event_kinds import EventKind
from explorer.records.states import State


class Pattern(Enum):
    """A texture over a bar: tells the states apart without colour. `WIDE` also marks what nobody knows."""

    PLAIN = "plain"
    DIAGONAL = "diagonal"
    DOTS = "dots"
    VERTICAL = "vertical"
    CROSSED = "crossed"
    HORIZONTAL = "horizontal"
    WIDE = "wide"


@dataclass(frozen=True, slots=True)
class StateTokens:
    """How one state is painted: `height` is a share of the lane, standing on its floor; `line`: a 2 px line instead.

    `text` is None where a bar is too low for a label. `edge` is the 1 px outline that brings a hue to 3:1 on white.
    """

    fill: str
    text: str | None
    edge: str | None
    height: float
    pattern: Pattern = Pattern.PLAIN
    line: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """All colours of one theme, as `#RRGGBB`."""

    name: str
    # surfaces, from the back to the front
    bg: str
    panel: str
    raised: str
    hover: str
    lane: str
    group: str
    shade: str
    # dividers and borders of controls
    line: str
    line2: str
    # text, strongest first
    text: str
    text2: str
    text3: str
    # what can be acted on, or was chosen
    accent: str
    accent_bg: str
    fill: str
    fill_hover: str
    on_fill: str
    danger: str
    danger_bg: str
    danger_fill: str
    """The ground of white words: an anomaly that happened, an abort."""
    # what was prevented or cured; always with a word
    good: str
    good_bg: str
    # on a slide: what the speaker draws, and that something is to be read
    pen: str
    warn: str
    # what is drawn but is not a state
    ink: str
    dot: str
    halo: str
    idle: str
    dim: float
    """Share of the lane's colour in bars that are not selected while something else is."""
    states: Mapping[State, StateTokens]
    events: Mapping[EventKind, str]
    """Marks of events: muted, as a hue is a state; what tells them apart is their shape (`event_marks`)."""


HOLDER_INK: Final = (0.44, 0.30, 0.37)
"""How much ink is in the blocks of who held a GIL, in turn by lane, so that neighbours are told apart."""


def _states(idle: str, lane: str, *, edges: bool) -> Mapping[State, StateTokens]:
    def edge(colour: str) -> str | None:
        return colour if edges else None

    queued = edge("#2B7FB5")
    return MappingProxyType(
        {
            State.RUNNING: StateTokens("#009E73", "#07130F", None, 1.0),
            State.RUNNABLE: StateTokens("#56B4E9", "#07151F", queued, 0.90, Pattern.DOTS),
            State.WAITING_GIL: StateTokens("#E69F00", "#1A1200", edge("#A66F00"), 0.78, Pattern.DIAGONAL),
            State.WAITING_LOCK: StateTokens("#D55E00", "#1A0B00", None, 0.78, Pattern.CROSSED),
            State.BLOCKED: StateTokens("#0072B2", "#FFFFFF", None, 0.70, Pattern.VERTICAL),
            State.QUEUED: StateTokens("#56B4E9", "#07151F", queued, 0.45, Pattern.DOTS),
            State.AWAITING: StateTokens("#CC79A7", None, edge("#A94D80"), 0.30, Pattern.HORIZONTAL),
            State.IDLE: StateTokens(idle, None, None, 0.12, line=True),
            State.UNKNOWN: StateTokens(lane, None, idle, 0.30, Pattern.WIDE),
        }
    )


DARK = Tokens(
    name="dark",
    bg="#0D0F13",
    panel="#14171C",
    raised="#1B1F26",
    hover="#232833",
    lane="#101317",
    group="#181C22",
    shade="#0A0C0F",
    line="#262B34",
    line2="#3B424F",
    text="#E9EBEF",
    text2="#B0B7C3",
    text3="#8B94A3",
    accent="#A594FF",
    accent_bg="#211D38",
    fill="#6B52D9",
    fill_hover="#745CDD",
    on_fill="#FFFFFF",
    danger="#FF7A80",
    danger_bg="#3A1A1E",
    danger_fill="#C02F3E",
    good="#3DDC97",
    good_bg="#10281F",
    pen="#FFE14D",
    warn="#F2B84B",
    ink="#D5DAE2",
    dot="#AEB6C2",
    halo="#0D0F13",
    idle="#667080",
    dim=0.38,
    states=_states("#667080", "#101317", edges=False),
    events=MappingProxyType(
        {
            EventKind.HTTP: "#D7DDEC",
            EventKind.WEBSOCKET: "#C8B4D7",
            EventKind.SSE: "#CEF8DD",
            EventKind.DATABASE: "#71834B",
            EventKind.TIMER: "#FEEEB0",
            EventKind.THREAD: "#F5C0AB",
            EventKind.SIGNAL: "#C3AFAE",
        }
    ),
)

LIGHT = Tokens(
    name="light",
    bg="#ECEEF2",
    panel="#FFFFFF",
    raised="#F6F7F9",
    hover="#ECEEF2",
    lane="#FFFFFF",
    group="#F3F4F7",
    shade="#E6E9EE",
    line="#DDE1E7",
    line2="#B9C0CB",
    text="#14171C",
    text2="#454D5A",
    text3="#5F6875",
    accent="#5A41C6",
    accent_bg="#EEEBFB",
    fill="#5A41C6",
    fill_hover="#4C35B0",
    on_fill="#FFFFFF",
    danger="#B91C2B",
    danger_bg="#FCEBEC",
    danger_fill="#B91C2B",
    good="#0B7A4B",
    good_bg="#E2F3EC",
    pen="#D6006C",
    warn="#8A5A00",
    ink="#2B313B",
    dot="#4D5562",
    halo="#FFFFFF",
    idle="#8E97A4",
    dim=0.50,
    states=_states("#8E97A4", "#FFFFFF", edges=True),
    events=MappingProxyType(
        {
            EventKind.HTTP: "#28313C",
            EventKind.WEBSOCKET: "#453E6F",
            EventKind.SSE: "#38585A",
            EventKind.DATABASE: "#554C16",
            EventKind.TIMER: "#9E834F",
            EventKind.THREAD: "#553630",
            EventKind.SIGNAL: "#202E00",
        }
    ),
)

THEMES: Mapping[str, Tokens] = MappingProxyType({"dark": DARK, "light": LIGHT})


def high_contrast(tokens: Tokens) -> Tokens:
    """The same theme with the weakest text and the weakest lines one step stronger."""
    return replace(tokens, text3=tokens.text2, line=tokens.line2)
