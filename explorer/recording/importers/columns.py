"""The events of a foreign trace as columns: what is left of a hundred bytes of JSON are the thirty that a span needs.

One `Columns.add` for each event, about a microsecond. What cannot be used (no time, a time that is no number, an end
before the begin) is counted, as are the phases that a timeline cannot show.
"""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from explorer.recording.importers.profiles import CHUNK, PROFILE, Profiles
from explorer.recording.importers.words import STATES, Words

FURTHEST_US: Final = 4e15
"""Times beyond 127 years around zero are none; a clock since 1970 is at 1.8e15 µs."""
LONGEST_US: Final = 1e15
MOST_EVENTS: Final = 20_000_000
MOST_PLACES: Final = 10_000
MOST_MARKS: Final = 1_000
CPU_NOT_TAKEN: Final = -1.0
STACK_OUTSIDE: Final = "P whose call stack is not among the events"

Event = Mapping[str, Any]
Key = tuple[int | str, int | str]


class _Unusable(Exception):
    """The event says nothing that can be shown."""


class Spans:
    """Finished spans, or halves of them. Times in µs of the trace's own clock.

    `cpu` of a finished span is a length; of a half it is its thread's clock, which in single precision would be a clock
    of ticks of 64 µs after ten minutes: hence `clock`.
    """

    def __init__(self, *, clock: bool = False) -> None:
        self.start = array("d")
        self.length = array("d")
        self.cpu = array("d" if clock else "f")
        self.place = array("I")
        self.name = array("I")
        self.text = array("I")
        self.state = array("B")
        self.phase = array("B")

    def add(
        self, start: float, length: float, cpu: float, place: int, name: int, text: int, state: int, phase: int
    ) -> None:
        """Add one span."""
        self.start.append(start)
        self.length.append(length)
        self.cpu.append(cpu)
        self.place.append(place)
        self.name.append(name)
        self.text.append(text)
        self.state.append(state)
        self.phase.append(phase)

    def __len__(self) -> int:
        return len(self.start)


COMPLETE, INSTANT, BEGIN, END = range(4)
"""Values of `Spans.phase`."""
FLOW_START, FLOW_STEP, FLOW_END = range(3)


class Flows:
    """Ends of arrows: at `time` (µs) on `place`, of flow `flow`; `next` says that it means the span after it."""

    def __init__(self) -> None:
        self.time = array("d")
        self.place = array("I")
        self.flow = array("I")
        self.next = array("B")


class Samples:
    """Values of counters: at `time` (µs), of counter `counter`."""

    def __init__(self) -> None:
        self.time = array("d")
        self.value = array("d")
        self.counter = array("I")


class Columns:
    """Takes events in, by `add`.

    `places` are threads by (process, thread), `lanes` the asynchronous ones by (process, category), `counters` by
    (process, name): each with its number. `profiles` hold sampled call stacks. `marks` are (µs, text) of the whole
    trace. `unusable`, `crowded` (more threads than are kept) and `not_shown` (by phase) count what was left out.
    """

    def __init__(self) -> None:
        self.words = Words()
        self.slices = Spans()
        self.halves = Spans(clock=True)
        self.waits = Spans()
        """Halves of asynchronous spans; `place` is that of `lanes`, `text` the operation they belong to."""
        self.flows = Flows()
        self.samples = Samples()
        self.profiles = Profiles(self.words)
        self.places: dict[Key, int] = {}
        self.lanes: dict[Key, int] = {}
        self.counters: dict[Key, int] = {}
        self.operations: dict[object, int] = {}
        self.flow_numbers: dict[object, int] = {}
        self.process_names: dict[int | str, str] = {}
        self.thread_names: dict[Key, str] = {}
        self.process_order: dict[int | str, float] = {}
        self.thread_order: dict[Key, float] = {}
        self.marks: list[tuple[float, str]] = []
        self.unusable = 0
        self.crowded = 0
        self.not_shown: Counter[str] = Counter()
        self.count = 0
        self._handlers: dict[object, Callable[[Event], None]] = {
            "X": self._slice,
            "B": lambda event: self._half(event, BEGIN),
            "E": lambda event: self._half(event, END),
            "i": self._instant,
            "I": self._instant,
            "R": self._instant,
            "C": self._counter,
            "P": self._sample,
            "M": self._metadata,
            "b": lambda event: self._wait(event, BEGIN),
            "S": lambda event: self._wait(event, BEGIN),
            "e": lambda event: self._wait(event, END),
            "F": lambda event: self._wait(event, END),
            "n": lambda event: self._wait(event, INSTANT),
            "T": lambda event: self._wait(event, INSTANT),
            "s": lambda event: self._flow(event, FLOW_START),
            "t": lambda event: self._flow(event, FLOW_STEP),
            "f": lambda event: self._flow(event, FLOW_END),
        }

    @property
    def room(self) -> int:
        """How many more events are taken."""
        return MOST_EVENTS - self.count

    @property
    def empty(self) -> bool:
        """Whether nothing has come that could be shown."""
        shown = (len(self.slices), len(self.halves), len(self.waits), len(self.samples.time), len(self.marks))
        return not any(shown) and not self.profiles.samples

    def add(self, event: Event) -> None:
        """Take in one event, whatever it holds."""
        self.count += 1
        try:
            phase = event.get("ph")
            handler = self._handlers.get(phase)
            if handler is None:
                if not isinstance(phase, str) or not phase:
                    raise _Unusable
                self.not_shown[phase[:1]] += 1
                return
            handler(event)
        except (_Unusable, TypeError, ValueError, OverflowError, RecursionError):
            self.unusable += 1

    # -- phases ----------------------------------------------------------------------------------------------------

    def _slice(self, event: Event) -> None:
        get = event.get
        start, length = get("ts"), get("dur")
        if type(start) is not float or not -FURTHEST_US < start < FURTHEST_US:
            start = _time(start)
        if type(length) is not float or not 0 <= length < LONGEST_US:
            length = _length(length)
        place = self._place(event)
        words = self.words
        name = words.names.get(get("name"))
        if name is None:
            name = words.name(get("name"))
        arguments = get("args")
        text = words.text(arguments) if arguments else 0
        cpu = get("tdur")
        self.slices.add(
            start,
            length,
            CPU_NOT_TAKEN if cpu is None else _length(cpu),
            place,
            name,
            text,
            STATES.get(get("cat", ""), 0),
            COMPLETE,
        )

    def _half(self, event: Event, phase: int) -> None:
        start = _time(event.get("ts"))
        name = self.words.name(event.get("name")) if phase == BEGIN else 0
        arguments = event.get("args")
        text = self.words.text(arguments) if arguments and phase == BEGIN else 0
        cpu = event.get("tts")
        self.halves.add(
            start,
            0.0,
            CPU_NOT_TAKEN if cpu is None else _time(cpu),
            self._place(event),
            name,
            text,
            STATES.get(event.get("cat", ""), 0),
            phase,
        )

    def _instant(self, event: Event) -> None:
        start = _time(event.get("ts"))
        if event.get("s") == "g" and len(self.marks) < MOST_MARKS:
            self.marks.append((start, str(event.get("name", ""))[:200]))
            return
        arguments = event.get("args")
        text = self.words.text(arguments) if arguments else 0
        name = self.words.name(event.get("name"))
        self.slices.add(start, 0.0, CPU_NOT_TAKEN, self._place(event), name, text, 0, INSTANT)

    def _wait(self, event: Event, phase: int) -> None:
        start = _time(event.get("ts"))
        pid, category = _key(event.get("pid")), str(event.get("cat", ""))[:200]
        lane = self._number(self.lanes, (pid, category))
        number = self._operation(event, pid, category)
        name = self.words.name(event.get("name"))
        self.waits.add(start, 0.0, CPU_NOT_TAKEN, lane, name, number, STATES.get(category, 0), phase)

    def _operation(self, event: Event, pid: object, category: str) -> int:
        """The number of the operation that an asynchronous event belongs to; a local id means its own process's."""
        local = event.get("id2")
        if isinstance(local, dict) and "local" in local:
            key: object = (pid, category, str(local["local"]))
        elif isinstance(local, dict):
            key = (category, str(local.get("global")))
        else:
            key = (category, str(event.get("id")), str(event.get("scope", "")))
        return self.operations.setdefault(key, len(self.operations))

    def _flow(self, event: Event, phase: int) -> None:
        time, place = _time(event.get("ts")), self._place(event)
        key = (str(event.get("cat", "")), str(event.get("name", "")), str(event.get("id")))
        self.flows.time.append(time)
        self.flows.place.append(place)
        self.flows.flow.append(self.flow_numbers.setdefault(key, len(self.flow_numbers)))
        self.flows.next.append(phase != FLOW_START and event.get("bp") != "e")

    def _counter(self, event: Event) -> None:
        time, pid = _time(event.get("ts")), _key(event.get("pid"))
        name, values = str(event.get("name", "")), event.get("args")
        if event.get("id") is not None:
            name = f"{name} {event['id']}"
        if not isinstance(values, dict):
            raise _Unusable
        for series, value in values.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
                title = name if series in ("value", name) or len(values) == 1 else f"{name} {series}"
                number = self._number(self.counters, (pid, title[:200]))
                self.samples.time.append(time)
                self.samples.value.append(float(value))
                self.samples.counter.append(number)

    def _sample(self, event: Event) -> None:
        """A piece of a profile; other samples say where their stack is to be found, outside the events."""
        told = event.get("args")
        data = told.get("data") if isinstance(told, dict) else None
        pid, name = _key(event.get("pid")), event.get("name")
        key = (pid, str(event.get("id"))[:64])
        if name == PROFILE:
            begin = data.get("startTime", event.get("ts")) if isinstance(data, dict) else event.get("ts")
            self.profiles.begin(key, (pid, _key(event.get("tid"))), _time(begin))
        elif name == CHUNK and isinstance(data, dict):
            try:
                self.profiles.add(key, data)
            except (KeyError, AttributeError):
                raise _Unusable from None
        else:
            self.not_shown["P" if event.get("sf") is None else STACK_OUTSIDE] += 1

    def _metadata(self, event: Event) -> None:
        told = event.get("args")
        if not isinstance(told, dict):
            raise _Unusable
        pid = _key(event.get("pid"))
        thread = (pid, _key(event.get("tid")))
        if len(self.process_names) + len(self.thread_names) > 10 * MOST_PLACES:
            return
        match event.get("name"):
            case "process_name":
                self.process_names[pid] = str(told.get("name", ""))[:200]
            case "thread_name":
                self.thread_names[thread] = str(told.get("name", ""))[:200]
            case "process_sort_index":
                self.process_order[pid] = _time(told.get("sort_index"))
            case "thread_sort_index":
                self.thread_order[thread] = _time(told.get("sort_index"))

    # -- numbers ---------------------------------------------------------------------------------------------------

    def _place(self, event: Event) -> int:
        key = (event.get("pid"), event.get("tid"))
        number = self.places.get(key) if type(key[0]) is int and type(key[1]) is int else None  # type: ignore[arg-type]
        return self._number(self.places, (_key(key[0]), _key(key[1]))) if number is None else number

    def _number(self, numbers: dict[Key, int], key: Key) -> int:
        number = numbers.get(key)
        if number is None:
            if len(numbers) >= MOST_PLACES:
                self.crowded += 1
                raise _Unusable
            number = numbers[key] = len(numbers)
        return number


def _key(value: object) -> int | str:
    if type(value) is int and -(1 << 62) < value < 1 << 62:
        return value
    return "" if value is None else str(value)[:64]


def _time(value: object) -> float:
    """A time in µs; also from a text, as some programs write."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _Unusable
    time = float(value)
    if not -FURTHEST_US < time < FURTHEST_US:
        raise _Unusable
    return time


def _length(value: object) -> float:
    length = _time(value)
    if not 0 <= length < LONGEST_US:
        raise _Unusable
    return length
