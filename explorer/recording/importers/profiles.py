"""Sampled call stacks in a Chrome trace: what V8's profiler saw of a thread, as spans by depth.

A profile comes in pieces. An event `Profile` says which thread it is of and when it began; each `ProfileChunk` of the
same process and id brings frames (nodes of a tree, each below the one that called it) and samples: which node was
running, and how many µs after the sample before. Nothing is known between two samples. As Chrome's own tools do, a
sample counts up to the next one, and a frame that stands in neighbouring samples is one span.
"""

from array import array
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from explorer.collect.source import Array
from explorer.recording.importers.words import Words
from explorer.records.states import State

MOST_PROFILES: Final = 10_000
DEEPEST: Final = 255
"""Frames further inside count as the one that called them; a timeline shows no more rows of a thread."""
MOST_FRAMES: Final = 1_000_000
MOST_SPANS: Final = 10_000_000
"""Of one profile: a small file may tell of a deep stack in every sample."""
PROFILE, CHUNK = "Profile", "ProfileChunk"
_FURTHEST_US: Final = 4e15
_ROOT: Final = -1
_OUTERMOST: Final = "(root)"
_IDLE: Final = "(idle)"
_NO_NAME: Final = "(anonymous)"


class Stacks:
    """What spans are made of: (n,) `start` and `end` in µs, `depth`, and numbers: `name`, `text`, `state`."""

    def __init__(self) -> None:
        self.start, self.end = array("d"), array("d")
        self.name, self.text, self.state, self.depth = array("I"), array("I"), array("B"), array("H")

    def __len__(self) -> int:
        return len(self.start)


class Profile:
    """The samples of one thread, which is known when the event `Profile` has come: `key` (process, thread), `begin` in
    µs. `end` is when it ended, if that is told; `cut` counts the spans beyond `MOST_SPANS`.
    """

    def __init__(self) -> None:
        self.key: tuple[int | str, int | str] | None = None
        self.begin = 0.0
        self.end: float | None = None
        self.cut = 0
        self._places: dict[int, int] = {}
        self._caller = array("i")
        self._depth = array("H")
        self._name, self._text, self._state = array("I"), array("I"), array("B")
        self._frame = array("i")
        self._delta = array("d")

    def __len__(self) -> int:
        return len(self._frame)

    @property
    def frames(self) -> int:
        """How many different frames there are."""
        return len(self._caller)

    @property
    def times(self) -> Array:
        """When the samples were taken, (n,) f8 in µs."""
        return self.begin + np.cumsum(np.frombuffer(self._delta, "f8")) if len(self._delta) else np.zeros(0)

    def add_frame(self, number: int, caller: object, told: Mapping[str, Any], words: Words) -> None:
        """Take in a frame, called by the frame `caller` if that is known; `told` has its function and place."""
        name = told.get("functionName")
        text = name if isinstance(name, str) and name else _NO_NAME
        outer = self._places.get(caller, _ROOT) if isinstance(caller, int) else _ROOT
        if outer == _ROOT and text == _OUTERMOST:
            self._places[number] = _ROOT
            return
        depth = self._depth[outer] + 1 if outer != _ROOT else 0
        if depth > DEEPEST:  # it stands for those below it
            self._places[number] = outer
            return
        where = {"url": told.get("url"), "line": told.get("lineNumber")} if told.get("url") else None
        self._places[number] = len(self._caller)
        self._caller.append(outer)
        self._depth.append(depth)
        named = words.name(text)
        self._name.append(named)
        self._text.append(words.text(where) if where else 0)
        self._state.append(State.IDLE if text == _IDLE else words.states[named])

    def add_sample(self, number: int, delta: float) -> None:
        """Take in a sample: the frame that ran, and how many µs after the sample before."""
        self._frame.append(self._places.get(number, _ROOT))
        self._delta.append(delta)

    def spans(self) -> Stacks:
        """The spans, in no order; those of one depth do not overlap."""
        made = Stacks()
        for frame, start, end in self._runs():
            if len(made) >= MOST_SPANS:
                self.cut += 1
            elif end > start:
                made.start.append(start)
                made.end.append(end)
                made.name.append(self._name[frame])
                made.text.append(self._text[frame])
                made.state.append(self._state[frame])
                made.depth.append(self._depth[frame])
        return made

    def last(self) -> float:
        """When the last sample ends, µs: with the profile, or after as long as a sample usually takes."""
        times = np.sort(self.times)
        usual = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        latest = float(times[-1]) if len(times) else self.begin
        return self.end if self.end is not None and self.end >= latest else latest + usual

    def _runs(self) -> Iterator[tuple[int, float, float]]:
        """(frame, start, end) of each stretch that a frame was seen in without a gap."""
        times = self.times
        order = np.argsort(times, kind="stable")  # V8 writes some a little late
        frames = np.frombuffer(self._frame, "i4")[order].tolist() if len(order) else []
        stack: list[tuple[int, float]] = []
        before = _ROOT
        for frame, time in zip(frames, times[order].tolist(), strict=True):
            if frame == before:
                continue
            before = frame
            path = self._path(frame)
            same = 0
            while same < min(len(path), len(stack)) and path[same] == stack[same][0]:
                same += 1
            while len(stack) > same:
                seen, since = stack.pop()
                yield seen, since, time
            stack += [(each, time) for each in path[same:]]
        until = self.last()
        while stack:
            seen, since = stack.pop()
            yield seen, since, until

    def _path(self, frame: int) -> list[int]:
        """The frames around a frame and itself, the outermost first."""
        path = []
        while frame != _ROOT:
            path.append(frame)
            frame = self._caller[frame]
        return path[::-1]


class Profiles:
    """The profiles of a trace by (process, id); `crowded` counts frames beyond `MOST_FRAMES`, which are not shown."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._all: dict[tuple[int | str, str], Profile] = {}
        self._frames = 0
        self.crowded = 0

    def begin(self, key: tuple[int | str, str], thread: tuple[int | str, int | str], time: float) -> None:
        """An event `Profile`: it is of this thread, and began at this time (µs)."""
        if (profile := self._of(key)) is not None:
            profile.key, profile.begin = thread, time

    def add(self, key: tuple[int | str, str], data: Mapping[str, Any]) -> None:
        """A `ProfileChunk`, its `args.data`. Raises KeyError, TypeError or ValueError for what is none."""
        profile = self._of(key)
        if profile is None:
            return
        told = data.get("cpuProfile") or {}
        for node in told.get("nodes") or ():
            if self._frames >= MOST_FRAMES:
                self.crowded += 1
                continue
            before = profile.frames
            profile.add_frame(int(node["id"]), node.get("parent"), node.get("callFrame") or {}, self._words)
            self._frames += profile.frames - before
        deltas = data.get("timeDeltas") or told.get("timeDeltas") or ()
        for number, delta in zip(told.get("samples") or (), deltas, strict=False):
            step = float(delta)
            if not -_FURTHEST_US < step < _FURTHEST_US:
                raise ValueError("no time")
            profile.add_sample(int(number), step)
        end = data.get("endTime") or told.get("endTime")
        if isinstance(end, (int, float)) and -_FURTHEST_US < end < _FURTHEST_US:
            profile.end = float(end)

    @property
    def shown(self) -> list[Profile]:
        """Those that have a thread, a beginning and samples."""
        return [profile for profile in self._all.values() if profile.key is not None and len(profile)]

    @property
    def samples(self) -> int:
        """How many samples are shown."""
        return sum(map(len, self.shown))

    @property
    def headless(self) -> int:
        """How many samples belong to a profile whose beginning, and with it the thread, is not in the trace."""
        return sum(len(profile) for profile in self._all.values() if profile.key is None)

    def _of(self, key: tuple[int | str, str]) -> Profile | None:
        if key not in self._all and len(self._all) >= MOST_PROFILES:
            return None
        return self._all.setdefault(key, Profile())
