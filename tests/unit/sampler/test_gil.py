"""Who holds the GIL of the test's own process: a thread that computes."""

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from explorer.probe import gil
from explorer.records.states import Role, TrackKind
from explorer.ring.pool import RingPool, SizeClass
from explorer.sampler.gil import GilLane
from explorer.sampler.headers import Headers
from explorer.sampler.roll import Note
from explorer.sampler.subject import Sampled
from tests.unit.sampler.stand_ins import Tracer
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the GIL is looked at on Linux only"),
    pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has no GIL"),
]
DECLARED = json.dumps({"track": 5, "kind": TrackKind.THREAD, "text": "worker"}) + "\n"
MS = 1_000_000


def test_a_holder_that_is_not_known_is_asked_for_until_it_is(run_folder: Path) -> None:
    (run_folder / "rings").mkdir()
    headers, tracer = Headers(run_folder), Tracer()
    subject = Sampled(run_folder, Note(3, os.getpid(), Role.SERVER, gil.find()), headers)
    lane = GilLane(tracer, tracer.ring, subject)
    declared, over = threading.Event(), threading.Event()

    def hold() -> None:  # not the main thread, which counts as a loop's
        while not declared.is_set():
            sum(range(100))
        pool = RingPool(run_folder / "rings", 3)
        pool.lease(SizeClass.CONNECTION, 5)
        while not over.is_set():
            sum(range(100))
        pool.close()

    def seen(name: str) -> bool:
        lane.sample(10 * MS)  # lets go of the GIL while it reads
        return name in tracer.names

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        wait_until(lambda: seen("unknown"), what="a holder")
        assert "worker" not in tracer.names
        (run_folder / "names-3.jsonl").write_text(DECLARED, encoding="utf-8")
        declared.set()
        wait_until(lambda: seen("worker"), what="its name")
    finally:
        declared.set()
        over.set()
        thread.join()
    lane.close(sys.maxsize)
    subject.close()
    headers.close()
