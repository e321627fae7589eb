"""Joining a run, names, tracks, rings of threads, forks."""

import asyncio
import json
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import BufferingHandler
from pathlib import Path

import pytest

from explorer.probe import numbers as numbers_module
from explorer.probe import tracer as tracer_module
from explorer.probe.loop import traced_loop_factory
from explorer.probe.numbers import take_number
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.ring import mapped
from explorer.ring.mapped import RingError
from explorer.ring.pool import SizeClass
from explorer.ring.writer import Ring
from tests.observed import Observed


def write(ring: Ring, name: int = 0) -> None:
    ring.write(1, 1, 0, 0, name, ring.track, Kind.CALL, State.BLOCKED, 0, Flag.COMPLETE)


def test_without_a_run_there_is_no_tracer() -> None:
    assert Tracer.join(Role.SERVER, environ={}) is None


@pytest.mark.expects_log("is not observed, because joining the run in /nowhere failed")
def test_a_run_that_cannot_be_joined_is_logged_and_left() -> None:
    assert Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": "/nowhere"}) is None


def test_the_note_is_there_before_any_ring(tracer: Tracer, run: Path) -> None:
    note = json.loads((run / "process-1.json").read_text())
    assert (note["number"], note["pid"], note["role"], note["epoch"]) == (1, os.getpid(), "server", 3)
    assert note["parent"] == os.getppid()
    assert note["anchor"]["monotonic_ns"] == note["started_ns"]
    assert list((run / "rings").iterdir()) == []
    assert tracer.token == "abcd"


def test_threads_of_connections_take_the_lowest_lane_that_is_free(tracer: Tracer, observed: Observed) -> None:
    taken: list[int] = []

    def connection() -> None:
        track = tracer.lane(TrackKind.LOOP, "connection", SizeClass.CONNECTION)
        write(tracer.bind_thread(SizeClass.CONNECTION, track))
        taken.append(track)
        both.wait(10)
        both.wait(10)
        tracer.unbind_thread()

    for crowd in (2, 1):
        both = threading.Barrier(crowd + 1)
        threads = [threading.Thread(target=connection) for _ in range(crowd)]
        for thread in threads:
            thread.start()
        both.wait(10)
        both.wait(10)
        for thread in threads:
            thread.join()
    assert len(set(taken[:2])) == 2
    assert taken[2] == min(taken[:2])
    assert {row.track for row in observed.of(Kind.CALL)} == {"loop connection"}


def test_numbers_are_never_used_twice(run: Path) -> None:
    taken = []
    for _ in range(3):
        tracer = Tracer.join(Role.LOAD, environ={"EXPLORER_RUN": str(run)})
        assert tracer is not None
        taken.append(tracer.number)
        tracer.close()
    assert taken == [1, 2, 3]


def test_taking_a_number_reads_few_of_those_that_were_taken(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a process for each connection there are tens of thousands, and each new one takes a number."""
    numbers = run / "numbers"
    assert [take_number(numbers) for _ in range(1_500)] == list(range(1, 1_501))
    read: list[str] = []
    listed = os.listdir

    def counted(folder: Path) -> list[str]:
        read.extend(listed(folder))
        return listed(folder)

    monkeypatch.setattr(os, "listdir", counted)
    assert take_number(numbers) == 1_501
    assert 0 < len(read) < 300


def test_processes_that_join_together_take_different_numbers_up_to_the_last(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_module, "_LARGEST_NUMBER", 0xFFFF)
    last = run / "numbers" / "255"
    last.mkdir()
    (last / str(0xFFFF - 40)).touch()
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take_number, [run / "numbers"] * 40))
    assert sorted(taken) == list(range(0xFFFF - 39, 0x10000))
    with pytest.raises(OSError, match="has used up its 65535 process numbers"):
        take_number(run / "numbers")


def test_requests_carry_the_process_number(tracer: Tracer) -> None:
    first, second = tracer.next_request(), tracer.next_request()
    assert first >> 40 == tracer.number
    assert second == first + 1


@pytest.mark.parametrize(
    ("header", "request_number"),
    [
        (b"1f-abcd", 0x1F),
        (b"1f-wrong", 0),
        (b"1f", 0),
        (b"xyz-abcd", 0),
        (b"-abcd", 0),
        (b"1" + b"0" * 16 + b"-abcd", 0),
    ],
)
def test_a_request_header_counts_only_with_the_token(tracer: Tracer, header: bytes, request_number: int) -> None:
    assert tracer.request_from(header) == request_number


def test_each_thread_has_a_ring_of_its_own(tracer: Tracer, observed: Observed, wait_until: Callable[..., None]) -> None:
    def work() -> None:
        write(tracer.thread_ring())
        write(tracer.thread_ring())

    for name in ("one", "two"):
        thread = threading.Thread(target=work, name=name)
        thread.start()
        thread.join()
    tracks = [row.track for row in observed.of(Kind.CALL)]
    assert tracks == ["thread one"] * 2 + ["thread two"] * 2
    wait_until(lambda: len(observed.of(Kind.THREAD, Flag.END)) == 2)
    assert len(observed.of(Kind.THREAD, Flag.BEGIN)) == 2
    assert observed.exact()


def test_a_dead_threads_ring_serves_the_next(
    tracer: Tracer, observed: Observed, wait_until: Callable[..., None]
) -> None:
    for number in range(5):
        thread = threading.Thread(target=lambda: write(tracer.thread_ring()), name=str(number))
        thread.start()
        thread.join()
        wait_until(lambda number=number: len(observed.of(Kind.THREAD, Flag.END)) == number + 1)
    assert len(observed.readers) == 1
    assert [row.track for row in observed.of(Kind.CALL)] == [f"thread {number}" for number in range(5)]


def test_declared_tracks_hang_below_the_process(tracer: Tracer, run: Path) -> None:
    tracer.declare(TrackKind.LOOP, "loop", tid=5)
    assert tracer.requests_track == tracer.requests_track
    entries = [json.loads(line) for line in (run / "names-1.jsonl").read_text().splitlines()]
    assert entries[0] == {"track": 1, "kind": "process", "text": "server", "parent": 0, "epoch": 3}
    assert entries[1] == {"track": 2, "kind": "loop", "text": "loop", "parent": 1, "epoch": 3, "tid": 5}
    assert entries[2]["kind"] == "requests"


@pytest.mark.expects_log("Part of this process is not observed. full")
def test_without_space_the_process_goes_on_and_says_so_once(
    tracer: Tracer, observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RingError("full")

    monkeypatch.setattr(mapped, "create", full)
    for _ in range(3):
        ring = tracer.lease(SizeClass.POOL, tracer.track)
        write(ring)
        tracer.give_back(ring)
    assert observed.poll() == []


def fill_disk(tracer: Tracer) -> None:
    """From now on the process's file of names cannot grow."""
    assert tracer._names._file is not None
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, tracer._names._file.fileno())
    os.close(full)


needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk on this system")


@needs_dev_full
@pytest.mark.expects_log("Part of this process is not observed. New names and tracks cannot be written down")
def test_on_a_full_disk_what_is_known_goes_on_and_what_is_new_is_left_out(tracer: Tracer, observed: Observed) -> None:
    loop = traced_loop_factory(tracer)()
    known = tracer.name("known")

    async def new() -> int:
        return await asyncio.create_task(asyncio.sleep(0, 5))

    try:
        loop.run_until_complete(asyncio.sleep(0))
        fill_disk(tracer)
        assert loop.run_until_complete(new()) == 5
        assert (tracer.name("known"), tracer.name("new"), tracer.name("newer")) == (known, 0, 0)
        assert tracer.declare(TrackKind.THREAD, "new") == 0
        thread = threading.Thread(target=lambda: write(tracer.thread_ring()))
        thread.start()
        thread.join()
    finally:
        loop.close()
    assert [row.track for row in observed.of(Kind.CALL)] == []
    assert {row.name for row in observed.of(Kind.STEP)} == {"sleep", ""}
    # The collector may have run, of which the process tells.
    assert {row.track for row in observed.rows if row.kind is not Kind.GC} == {"loop event loop"}


@needs_dev_full
@pytest.mark.expects_log("Part of this process is not observed. New names and tracks cannot be written down")
@pytest.mark.expects_log("The event loop is not observed. Its track could not be declared.")
def test_a_process_that_finds_the_disk_full_runs_unobserved(run: Path) -> None:
    (run / "names-1.jsonl").symlink_to("/dev/full")
    tracer = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(run)})
    assert tracer is not None
    loop = traced_loop_factory(tracer)()
    try:
        assert loop.run_until_complete(asyncio.sleep(0, 5)) == 5
    finally:
        loop.close()
    write(tracer.thread_ring())
    tracer.lease_requests().write(1.0, 2.0, 1, 0)
    tracer.close()
    assert list((run / "rings").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("damage", ['{"name":9}', '{"track":9,"kind":"unheard of","text":"","parent":0}', "7"])
def test_a_forked_child_that_cannot_join_leaves_the_parents_rings_alone(
    tracer: Tracer, run: Path, observed: Observed, damage: str
) -> None:
    write(tracer.thread_ring())
    (names,) = run.glob("names-*.jsonl")
    with names.open("a") as file:
        file.write(damage + "\n")
    child = os.fork()
    if child == 0:
        write(tracer.thread_ring(), tracer.name("child"))
        tracer.lease_requests().write(1.0, 2.0, tracer.next_request(), 0)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    names.write_text("".join(line for line in names.read_text().splitlines(keepends=True) if line.strip() != damage))
    assert {row.pid for row in observed.of(Kind.CALL)} == {os.getpid()}


def test_a_closed_tracer_does_no_harm(tracer: Tracer) -> None:
    ring = tracer.thread_ring()
    tracer.close()
    write(ring)
    tracer.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("closed", [True, False])
def test_nobody_hears_of_what_is_forked_after_the_run_was_left_and_deleted(
    tracer: Tracer, run: Path, closed: bool
) -> None:
    handler = BufferingHandler(capacity=99)
    if closed:
        tracer.close()
    shutil.rmtree(run)
    tracer_module.logger.addHandler(handler)
    try:
        child = os.fork()
        if child == 0:
            os._exit(len(handler.buffer))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (0 if closed else 1)
    finally:
        tracer_module.logger.removeHandler(handler)
        run.mkdir()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_joins_again(tracer: Tracer, run: Path, observed: Observed) -> None:
    name = tracer.name("before")
    write(tracer.thread_ring(), name)
    child = os.fork()
    if child == 0:
        write(tracer.thread_ring(), name)
        write(tracer.thread_ring(), tracer.name("after"))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    note = json.loads((run / "process-2.json").read_text())
    assert (note["number"], note["parent"]) == (2, os.getpid())
    rows = observed.of(Kind.CALL)
    assert sorted((row.pid == child, row.name) for row in rows) == [
        (False, "before"),
        (True, "after"),
        (True, "before"),
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_a_servers_app_forks_is_a_pool_process_without_the_servers_loop(
    tracer: Tracer, run: Path, observed: Observed
) -> None:
    tracer.declare(TrackKind.THREAD, "before the loop", tid=threading.get_native_id())
    tracer.lane(TrackKind.LOOP, "event loop", SizeClass.LOOP)
    after = tracer.declare(TrackKind.THREAD, "after the loop")
    child = os.fork()
    if child == 0:
        write(tracer.lease(SizeClass.POOL, after))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    note = json.loads((run / "process-2.json").read_text())
    assert (note["role"], note["label"]) == ("pool", "started by your app")
    lines = [json.loads(line) for line in (run / "names-2.jsonl").read_text().splitlines()]
    assert [(line["kind"], line["text"]) for line in lines if "track" in line] == [
        ("process", "started by your app"),
        ("thread", "before the loop"),
        ("thread", "after the loop"),
    ]
    assert [line for line in lines if line.get("tid")] == []
    assert [(row.pid == child, row.track) for row in observed.of(Kind.CALL)] == [(True, "thread after the loop")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_is_no_apps_process_forks_its_like(run: Path) -> None:
    tracer = Tracer.join(Role.CLUSTER, "worker", environ={"EXPLORER_RUN": str(run)})
    assert tracer is not None
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    tracer.close()
    note = json.loads((run / "process-2.json").read_text())
    assert (note["role"], note["label"]) == ("cluster", "worker")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_joins_again_that_was_forked_when_the_parent_had_become_something_else(
    tracer: Tracer, run: Path, observed: Observed
) -> None:
    tracer.become(Role.CONNECTION, "a client")
    for _ in range(2):  # the second thread takes the track of the first
        thread = threading.Thread(target=tracer.lane, args=(TrackKind.LOOP, "connection", SizeClass.CONNECTION))
        thread.start()
        thread.join()
        for lane in tracer._lanes:
            tracer._free_lanes[TrackKind.LOOP, "connection"] = [lane]
    name = tracer.name("late")
    child = os.fork()
    if child == 0:
        write(tracer.thread_ring(), name)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    note = json.loads((run / "process-2.json").read_text())
    assert (note["role"], note["label"]) == ("pool", "started by your app")
    assert [(row.pid == child, row.name) for row in observed.of(Kind.CALL)] == [(True, "late")]


def test_connections_threads_that_have_ended_leave_nothing_in_memory(tracer: Tracer) -> None:
    tracer.thread_size = SizeClass.CONNECTION
    sizes = []
    for _ in range(20):
        thread = threading.Thread(target=tracer.thread_ring, name="connection")
        thread.start()
        thread.join()
        sizes.append({name: len(value) for name, value in vars(tracer).items() if isinstance(value, dict)})
    assert sizes[0] == sizes[-1]


def test_a_lane_is_free_again_although_its_ring_has_a_new_holder_at_once(
    tracer: Tracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes = [tracer.lane(TrackKind.LOOP, "connection", SizeClass.CONNECTION) for _ in range(2)]
    give_back = tracer._pool.give_back

    def and_lend(ring: Ring) -> None:
        give_back(ring)
        ring.take(lanes[1])  # by another thread, before this one goes on

    ring = tracer.lease(SizeClass.CONNECTION, lanes[0])
    monkeypatch.setattr(tracer._pool, "give_back", and_lend)
    tracer.give_back(ring)

    assert tracer.lane(TrackKind.LOOP, "connection", SizeClass.CONNECTION) == lanes[0]
