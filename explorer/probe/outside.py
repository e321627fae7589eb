"""What an observed process does so that it can be looked at from outside: a thread that is over in a moment.

It allows the sampler to read this process (where the system asks for that), finds the GIL and writes down where it is
(`gil-NUMBER.json`; a forked child, which has inherited the finding, tells it in its `process-NUMBER.json`). Then it
waits for the sampler's answer, `sampled-NUMBER.json`. If that says that the sampler cannot read the GIL, the
process measures what it can by itself: how much longer than it asked for a short sleep takes (`explorer.probe.
overshoot`). Otherwise the thread ends.
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
_SOON_S: Final = 0.05
_LATE_S: Final = 1.0

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
        self.finding: gil.Finding | None = None
        self._over = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._over = threading.Lock()
        self._over.acquire()
        self._thread = threading.Thread(target=self._run, name="explorer: GIL", daemon=True)
        self._thread.start()

    def after_fork(self) -> None:
        """Go on as the forked child, which has none of its parent's threads and all of its addresses."""
        self._thread = None
        if self.finding is None:
            self.start()
        else:
            gil.allow(_sampler())

    def stop(self) -> None:
        """End the thread, if it still runs."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._over.release()
            thread.join()

    def _run(self) -> None:
        # Whatever fails here, the observed process goes on.
        try:
            gil.allow(_sampler())
            if self._ended_within(AFTER_S):
                return
            finding = gil.find()
            tracer = self._tracer()
            if tracer is None:
                return
            gil.write(finding, finding_path(tracer.run, tracer.number))
            self.finding = finding
            answer = answer_path(tracer.run, tracer.number)
            del tracer  # whoever uses it keeps it
            if finding.get("reason") == gil.OTHER_SYSTEM or (finding["gil"] and self._refused(answer)):
                self._measure()
        except Exception as error:
            logger.warning("The GIL of this process cannot be observed: %s: %s", type(error).__name__, error)

    def _refused(self, answer: Path) -> bool:
        """Wait for the sampler's answer; False also when there is none before `stop`."""
        wait = _SOON_S
        while True:
            try:
                return not json.loads(answer.read_bytes())["gil"]
            except (OSError, ValueError):
                if self._ended_within(wait):
                    return False
                wait = min(2 * wait, _LATE_S)

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


def _sampler() -> int:
    text = os.environ.get(SAMPLER, "")
    return int(text) if text.isdigit() else 0
