"""A request's critical path in words: its parts with their causes, its way step by step, and as plain text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from explorer.analysis.critical_path import CriticalPath, Leg, PathPart
from explorer.analysis.parts import SMALLEST_NS, UNEXPLAINED
from explorer.collect import way_words
from explorer.collect.source import Track
from explorer.desktop.panels.words import cause_words
from explorer.desktop.widgets.rounding import round_parts
from explorer.desktop.widgets.stacked_bar import Part, shares
from explorer.desktop.words import duration, request_label
from explorer.records.states import Role, State, TrackKind
from explorer.store.store import Store

LaneTitle = Callable[[int], str]
MOST_STEPS: Final = 12
STEP_SHARE: Final = 0.02
"""Of the whole must a wait last to be a step of the way."""
TITLES: Final = {
    PathPart.SEND: "Waited in the load",
    PathPart.CONNECT: "Opened a connection",
    PathPart.ARRIVAL: "Waited to be read",
    PathPart.LOOP: "Waited for the loop",
    PathPart.TOKEN: "Waited for its turn",
    PathPart.HANDOVER: "Handed over",
    PathPart.GIL: "Waited for the GIL",
    PathPart.RUN: "Ran",
    PathPart.CORE: "Waited for a core",
    PathPart.LOCK: "Waited for a lock",
    PathPart.IO: "Waited for I/O",
    PathPart.AWAIT: "Awaited",
    PathPart.OFF_CORE: "Not on a core",
    PathPart.RESPONSE: "Response on its way",
}
STATES: Final = {
    PathPart.SEND: State.QUEUED,
    PathPart.CONNECT: State.BLOCKED,
    PathPart.ARRIVAL: State.QUEUED,
    PathPart.LOOP: State.QUEUED,
    PathPart.TOKEN: State.QUEUED,
    PathPart.HANDOVER: State.RUNNABLE,
    PathPart.GIL: State.WAITING_GIL,
    PathPart.RUN: State.RUNNING,
    PathPart.CORE: State.RUNNABLE,
    PathPart.LOCK: State.WAITING_LOCK,
    PathPart.IO: State.BLOCKED,
    PathPart.AWAIT: State.AWAITING,
    PathPart.OFF_CORE: State.UNKNOWN,
    PathPart.RESPONSE: State.QUEUED,
}
TURNS: Final = {
    way_words.FOR_THREAD: ("Waited for a thread", "all tokens taken"),
    way_words.FOR_PROCESS: ("Waited for a process", "all processes of the pool busy"),
    way_words.FOR_INTERPRETER: ("Waited for an interpreter", "all interpreters of the pool busy"),
    way_words.FOR_CONNECTION: ("Waited for a connection", "all connections of the pool lent out"),
}
SLEEP: Final = "time.sleep"
SLEPT: Final = "Slept"
BOTH: Final = "Slept and waited for I/O"
"""A wait for nothing is no wait for I/O."""
CAUSES: Final = {
    PathPart.SEND: "no connection was free, or the load was late",
    PathPart.CONNECT: "none was open",
    PathPart.ARRIVAL: "sent, the server had not got round to it",
    PathPart.LOOP: "ready, the loop was at other work",
    PathPart.HANDOVER: "one thread to another, which had to wake up",
    PathPart.GIL: "another thread ran Python",
    PathPart.CORE: "all cores were busy",
    PathPart.LOCK: "another thread held it",
    PathPart.OFF_CORE: "GIL, lock or I/O: nobody looked just then",
    PathPart.RESPONSE: "sent, the load had not all of it",
}
ELSEWHERE: Final = {Role.POOL: "Pool process", Role.CLUSTER: "Cluster worker", Role.UPSTREAM: "Upstream"}
PLAIN: Final = frozenset((way_words.RUNS, way_words.AWAITS, "blocked in the system", "job", ""))
"""Causes that say no more than the part's title."""


class Step(NamedTuple):
    """A step of the way: an icon, words, when it began and ended (ns), the lane where it happened (0: none)."""

    icon: str
    words: str
    start: int
    end: int
    track: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leg happened."""

    title: str
    is_thread: bool


def path_parts(path: CriticalPath, store: Store) -> list[Part]:
    """The parts in order of size, with causes, and last what is unexplained: the sum is the measured latency.

    Parts too short to be listed count as unexplained, so that nothing is shown as 0.0.
    """
    shown, rest = [], path.unexplained
    for part, ns in path.sums().items():
        if ns < SMALLEST_NS:
            rest += ns
            continue
        legs = [leg for leg in path.legs if leg.part is part]
        title, cause = _title_and_cause(part, legs, store)
        shown.append(Part(title, ns / 1e6, STATES[part], cause))
    return [*shown, Part(UNEXPLAINED, rest / 1e6, None)]


def _title_and_cause(part: PathPart, legs: list[Leg], store: Store) -> tuple[str, str]:
    if part is PathPart.TOKEN:
        longest = max(legs, key=lambda leg: leg.duration)
        title, cause = TURNS.get(longest.cause, (TITLES[part], longest.cause))
        return title, cause if cause != title else ""
    if part is PathPart.RUN:
        return TITLES[part], _joined([*_places(legs, store), *_told(legs)])
    if part is PathPart.IO and SLEEP in (told := _told(legs)):
        # What only stood still in the system was at the edges of the sleep: the sampler looked just then.
        return (SLEPT if told == [SLEEP] else BOTH), _joined(told)
    if part in (PathPart.IO, PathPart.AWAIT):
        return TITLES[part], _joined(_told(legs)) or ("in the system" if part is PathPart.IO else "its task suspended")
    return TITLES[part], CAUSES[part]


def _told(legs: list[Leg]) -> list[str]:
    """The causes that legs have beside their part, by how long each took."""
    sums: dict[str, int] = {}
    for leg in legs:
        if leg.cause not in PLAIN:
            sums[leg.cause] = sums.get(leg.cause, 0) + leg.duration
    return sorted(sums, key=lambda cause: -sums[cause])


def _places(legs: list[Leg], store: Store) -> list[str]:
    kinds = {store.tracks[leg.track].kind for leg in legs if leg.track in store.tracks}
    both = {TrackKind.LOOP: "loop", TrackKind.THREAD: "thread"}
    words = [word for kind, word in both.items() if kind in kinds]
    return [" and ".join(words)] if words else []


def _joined(words: list[str], most: int = 3) -> str:
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


def steps(path: CriticalPath, store: Store, lane_title: LaneTitle, user: str = "") -> list[Step]:
    """The way in steps: where it was taken up, what it waited for, where it ran, until it was complete."""
    found = [Step("log-in", user or ("Due" if path.sent_here else "Its first byte comes"), path.start, path.start)]
    before: Place | None = None
    for leg in path.legs:
        step, before = _step_of(leg, path, store, lane_title, before)
        if step is None:
            continue
        if found[-1].words == step.words:
            found[-1] = found[-1]._replace(end=step.end)
        else:
            found.append(step)
    running = [at for at, step in enumerate(found) if step.icon == "repeat" and not step.words.startswith("Upstream")]
    if len(running) > 1:
        last = running[-1]
        found[last] = found[last]._replace(words=found[last].words.replace(" runs it", " writes the response"))
    found.append(Step("check", "Response complete", path.end, path.end))
    if len(found) > MOST_STEPS:
        half = MOST_STEPS // 2
        left_out = found[half : 1 - half]
        between = Step("ellipsis", f"{len(left_out):,} more steps", left_out[0].start, left_out[-1].end)
        found = [*found[:half], between, *found[1 - half :]]
    return found


def _step_of(
    leg: Leg, path: CriticalPath, store: Store, lane_title: LaneTitle, before: Place | None
) -> tuple[Step | None, Place | None]:
    """The step that a leg begins, if it does, and where the request is then."""
    long = leg.duration >= max(SMALLEST_NS, STEP_SHARE * path.total)
    waits = {
        PathPart.SEND: ("hourglass", "Waits in the load"),
        PathPart.CONNECT: ("network", "Opens a connection"),
        PathPart.ARRIVAL: ("send", "Sent to the server"),
        PathPart.LOCK: ("lock", "Waits for a lock"),
        PathPart.RESPONSE: ("arrow-right", "Response on its way"),
    }
    if leg.part in waits:
        icon, words = waits[leg.part]
        return (Step(icon, words, leg.start, leg.end) if long else None), before
    if leg.part is PathPart.TOKEN:
        words = cause_words(leg.cause)
        return (Step("hourglass", words, leg.start, leg.end) if long else None), None
    if leg.part is PathPart.AWAIT and long and not leg.track:
        told = f"Awaits {leg.cause}" if leg.cause not in PLAIN else "Awaits"
        return Step("pause", told, leg.start, leg.end), None
    track = store.tracks.get(leg.track)
    if track is None or track.kind not in (TrackKind.LOOP, TrackKind.THREAD):
        return None, before
    place = Place(_place_title(track, store, lane_title), track.kind is TrackKind.THREAD)
    if place == before:
        return None, before
    if place.is_thread:
        does = "goes on" if _was_at(path, leg) else "runs the handler"
        return Step("cpu", f"{place.title} {does}", leg.start, leg.end, leg.track), place
    words = f"{place.title} takes it" if not _taken(path, leg) else f"{place.title} runs it"
    return Step("repeat", words, leg.start, leg.end, leg.track), place


def _was_at(path: CriticalPath, leg: Leg) -> bool:
    """Whether the request has been before where it is in this leg."""
    return any(one.track == leg.track and one.start < leg.start for one in path.legs)


def _place_title(track: Track, store: Store, lane_title: LaneTitle) -> str:
    """What a place is called: in other processes than the server's by the process, all of whose lanes have one name."""
    process = store.processes.get(track.process)
    if process is not None and process.role in ELSEWHERE:
        return f"{ELSEWHERE[process.role]} {process.pid}"
    title = lane_title(track.number) or cause_words(track.name)
    return title[:1].upper() + title[1:]  # "its worker" stands below its connection's lane


def _taken(path: CriticalPath, leg: Leg) -> bool:
    """Whether a loop has had the request before this leg."""
    on_loops = (PathPart.LOOP, PathPart.RUN, PathPart.TOKEN, PathPart.HANDOVER)
    return any(one.part in on_loops and one.start < leg.start for one in path.legs)


def as_text(title: str, result: str, path: CriticalPath, parts: list[Part], way: list[Step], why: str) -> str:
    """What Copy puts on the clipboard: plain lines with tabs, which a spreadsheet takes as well."""
    rounded = zip(parts, round_parts([part.ms for part in parts]), shares(parts), strict=True)
    lines = [f"{title} {request_label(path.request)}, {result}", f"{duration(path.total)} {measured(path)}", ""]
    lines += [
        f"{part.name}\t{ms:,.1f} ms\t{share:.0f} %" + (f"\t{part.cause}" if part.cause else "")
        for part, ms, share in rounded
    ]
    lines += [f"Measured latency\t{path.total / 1e6:,.1f} ms\t100 %", ""]
    lines += [why, ""] if why else []
    lines += [f"+{(step.start - path.start) / 1e6:,.1f} ms\t{step.words}" for step in way]
    return "\n".join(lines)


def measured(path: CriticalPath) -> str:
    """What the latency is measured from and to."""
    return "from intended send to response" if path.sent_here else "from its first byte to the response"
