"""What an observed process does so that it can be looked at from outside: a thread that is over in a moment.

It finds the GIL and writes down where it is (`gil-NUMBER.json`). Then it waits for the sampler's answer,
`sampled-NUMBER.json`. If that says that the sampler cannot read the GIL, the process measures what it can by itself:
how much longer than it asked for a short sleep takes (`explorer.probe.overshoot`). Otherwise the thread ends.

A forked child has inherited the finding and tells it in its `process-NUMBER.json`; the answer to whoever found it holds
for the child as well. A process that only forks, and leaves the run before that, finds once for all that it will fork
(`pass_on`).
"""

import json
import logging
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Final

from explorer.probe import gil
from explorer.probe.overshoot import measure

if TYPE_CHECKING:
    from explorer.probe.tracer import Tracer

SAMPLER: Final = "EXPLORER_SAMPLER"
"""Environment variable: the sampler's pid."""
AFTER_S: Final = 0.2
"""So long after joining the run the GIL is looked for: a server that has joined has more urgent things to do."""
FOUND: Final = "EXPLORER_GIL"
"""Environment variable for forked children: `{"pid": by whom, "number": its number, "finding": what it found}`."""
_SOON_S: Final = 0.05
_LATE_S: Final = 1.0
_PATIENCE_S: Final = 15.0
"""So long the end of the process waits for the thread: longer than it can take to look."""

logger: Final = logging.getLogger(__name__)


def finding_path(run: Path, number: int) -> Path:
    """Where process `number` says where its GIL is."""
    return run / f"gil-{number}.json"


def answer_path(run: Path, number: int) -> Path:
    """Where the sampler says whether it can read the GIL of process `number`: `{"gil": true}`."""
    return run / f"sampled-{number}.json"


class Outside:
    """The part of one tracer that prepares its process for being looked at. `finding` is None until it is known."""

    def __init__(self, tracer: "Tracer") -> None:
        """Nothing happens before `start`."""
        self._tracer = weakref.ref(tracer)
        self._found_by, self.finding = _inherited()
        self._over = threading.Lock()
        self._thread: threading.Thread | None = None

    def allow(self) -> None:
        """Let the sampler, if there is one, look at this process: before it is told that the process is there."""
        try:
            gil.allow(_sampler())
        except Exception as error:
            _warn(error)

    def start(self) -> None:
        """Begin, on a thread of its own, unless all is known already."""
        if self.finding is not None and self._answered_well():
            return
        self._over = threading.Lock()
        self._over.acquire()
        thread = threading.Thread(target=self._run, name="explorer: GIL", daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            _warn(error)
        else:
            self._thread = thread

    def after_fork(self) -> None:
        """Go on as the forked child, which has none of its parent's threads and all of its addresses."""
        self._thread = None
        self.start()

    def stop(self) -> None:
        """End the thread, if it still runs."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._over.release()
            thread.join(_PATIENCE_S)

    def _run(self) -> None:
        # Whatever fails here, the observed process goes on.
        try:
            if self.finding is None:
                if self._ended_within(AFTER_S):
                    return
                self._find()
            if self._refused():
                self._measure()
        except Exception as error:
            _warn(error)

    def _find(self) -> None:
        tracer = self._tracer()
        if tracer is None:
            return
        finding = _found()
        gil.write(finding, finding_path(tracer.run, tracer.number))
        self._found_by, self.finding = tracer.number, finding

    def _refused(self) -> bool:
        """Whether the GIL is there but cannot be read; waits for the answer, and is False without one until `stop`."""
        wait = _SOON_S
        while self.finding is not None:
            if not self.finding["gil"]:
                return self.finding.get("reason") == gil.OTHER_SYSTEM
            answer = self._answer()
            if answer is not None:
                return not answer
            if self._ended_within(wait):
                break
            wait = min(2 * wait, _LATE_S)
        return False

    def _answered_well(self) -> bool:
        """Whether the thread would have nothing to do."""
        finding = self.finding
        if finding is not None and not finding["gil"]:
            return finding.get("reason") != gil.OTHER_SYSTEM
        return bool(self._answer())

    def _answer(self) -> bool | None:
        """What the sampler said to whoever found the GIL: whether it can read it; None as long as it said nothing."""
        tracer = self._tracer()
        if tracer is None:
            return None
        try:
            return bool(json.loads(answer_path(tracer.run, self._found_by).read_bytes())["gil"])
        except (OSError, ValueError):
            return None

    def _ended_within(self, seconds: float) -> bool:
        """Whether `stop` was called before so many seconds had passed."""
        if self._over.acquire(timeout=seconds):
            self._over.release()
            return True
        return False

    def _measure(self) -> None:
        tracer = self._tracer()
        if tracer is not None:
            measure(tracer, self._over)


def pass_on(run: Path, number: int) -> None:
    """Find the GIL of this process, which is `number` in the run, for it and for all that will be forked from it."""
    try:
        finding = _found()
        gil.write(finding, finding_path(run, number))
        os.environ[FOUND] = json.dumps({"pid": os.getpid(), "number": number, "finding": finding})
    except Exception as error:
        _warn(error)


def _found() -> gil.Finding:
    try:
        return gil.find()
    except Exception as error:
        _warn(error)
        return {"gil": False, "reason": gil.FAILED}


def _inherited() -> tuple[int, gil.Finding | None]:
    """What the process that forked this one has passed on, and the number of that one; (0, None) without."""
    try:
        told = json.loads(os.environ.get(FOUND, "{}"))
    except ValueError:
        return 0, None
    # What was started anew has inherited the variable as well, but not the addresses.
    if told.get("pid") != os.getppid():
        return 0, None
    return int(told["number"]), told["finding"]


def _warn(error: Exception) -> None:
    logger.warning("The GIL of this process cannot be observed: %s: %s", type(error).__name__, error)


def _sampler() -> int:
    text = os.environ.get(SAMPLER, "")
    return int(text) if text.isdigit() else 0
