"""What a source makes of a damaged run folder."""

import json
import os
import sys
from pathlib import Path

import pytest

from explorer.collect.ring_source import RunSource
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.ring.pool import SizeClass
from tests.run_reading import make_run


@pytest.mark.expects_log("A line of names-.* was not understood")
def test_a_damaged_line_of_names_costs_that_line_only(run_folder: Path) -> None:
    pid = os.getpid()
    note = {"number": 1, "pid": pid, "role": "server", "label": "", "parent": 1, "epoch": 1}
    (run_folder / "process-1.json").write_text(json.dumps(note))
    lines = ['{"name":1', '{"track":1,"kind":"a kind of its own","text":""}', "[]", '{"name":2,"text":"job"}']
    (run_folder / "names-1.jsonl").write_text("\n".join(lines) + "\n")
    source = RunSource(run_folder)
    batch = source.poll()
    source.close()
    assert "job" in [text for _, text in batch.names]
    assert batch.tracks == []


@pytest.mark.expects_log("5-1.ring was not read")
def test_what_is_no_ring_is_left_alone(run_folder: Path) -> None:
    rings = run_folder / "rings"
    rings.mkdir()
    (rings / "5-1.ring").write_bytes(bytes(4096))
    (rings / "notes.txt").write_text("mine")
    source = RunSource(run_folder)
    assert source.poll().tally.rings == 0
    source.close()
    assert sorted(path.name for path in rings.iterdir()) == ["5-1.ring", "notes.txt"]


def test_two_processes_that_had_the_same_pid_are_both_read(run_folder: Path) -> None:
    """Whoever joins once more in this process stands for the second: the run knows it by its number alone."""
    make_run(run_folder)
    tracers = [Tracer(run_folder, Role.CONNECTION, label, "7e57", 1) for label in ("first", "second")]
    source = RunSource(run_folder)
    source.poll()
    for tracer in tracers:
        ring = tracer.lease(SizeClass.CONNECTION, tracer.track)
        name = tracer.name(f"job of the {tracer.label}")
        ring.write(1, 1, 0, 0, name, ring.track, Kind.CALL, State.BLOCKED, 0, Flag.COMPLETE)
        tracer.close()
    batch = source.drain()
    spans = batch.spans[batch.spans["kind"] == Kind.CALL]
    names = dict(batch.names)
    source.close()
    assert len(spans) == 2
    assert {names[number] for number in spans["name"].tolist()} == {"job of the first", "job of the second"}


@pytest.mark.expects_log("process-1.json was not understood, and its process is left out: 'unheard of' is not a valid")
@pytest.mark.expects_log("process-2.json was not understood")
@pytest.mark.expects_log("nobody.ring was not read")
def test_a_note_that_is_not_understood_costs_its_process_and_no_other(run_folder: Path) -> None:
    make_run(run_folder)
    note = {"number": 1, "pid": os.getpid(), "role": "unheard of", "label": "", "parent": 1, "epoch": 1}
    (run_folder / "process-1.json").write_text(json.dumps(note))
    (run_folder / "process-2.json").write_text("{")
    (run_folder / "process-3.json").write_text(json.dumps({**note, "number": 3, "role": "server"}))
    (run_folder / "rings" / "nobody.ring").write_text("")
    source = RunSource(run_folder)
    assert [process.number for process in source.poll().processes] == [3]
    source.close()


@pytest.mark.expects_log("Some processes are read late or not at all .* allow more open files")
@pytest.mark.skipif(sys.platform == "win32", reason="no limit of open files")
def test_without_file_descriptors_a_run_is_read_late_and_whole(run_folder: Path) -> None:
    import resource

    make_run(run_folder)
    source = RunSource(run_folder)
    source.poll()
    tracer = Tracer(run_folder, Role.SERVER, "", "7e57", 1)
    ring = tracer.lease(SizeClass.CONNECTION, tracer.track)
    ring.write(1, 1, 0, 0, tracer.name("job"), ring.track, Kind.CALL, State.BLOCKED, 0, Flag.COMPLETE)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)  # the lowest that is free: one file may be opened, but not two
    os.close(free)
    batches = []
    for limit in (0, free + 1):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        try:
            batches.append(source.poll())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    tracer.close()
    batches.append(source.drain())
    source.close()
    # From Python 3.13 on a mapped ring takes no descriptor: then the second poll finds room for all.
    assert [kind for batch in batches for kind in batch.spans["kind"].tolist()] == [Kind.CALL]
    assert [process.number for batch in batches for process in batch.processes] == [1]


def test_the_lock_of_a_wait_is_told_by_its_run_wide_track(run_folder: Path) -> None:
    make_run(run_folder)
    first, second = (Tracer(run_folder, Role.SERVER, label, "7e57", 1) for label in ("first", "second"))
    first.declare(TrackKind.THREAD, "one more, so that the numbers differ")
    lock = second.declare(TrackKind.LOCK, "lock")
    source = RunSource(run_folder)
    ring = second.lease(SizeClass.CONNECTION, second.track)
    argument = span_argument(lock)
    ring.write(1, 1, 0, argument, 0, ring.track, Kind.LOCK_WAIT, State.WAITING_LOCK, 1, Flag.COMPLETE)
    first.close()
    second.close()
    batches = [source.poll(), source.drain()]
    source.close()
    tracks = {track.number: track for batch in batches for track in batch.tracks}
    (wait,) = (span for batch in batches for span in batch.spans if span["kind"] == Kind.LOCK_WAIT)
    told = tracks[int(wait["argument"]) & 0xFFFF_FFFF]
    assert (told.kind, told.name) == (TrackKind.LOCK, "lock")
    assert int(wait["argument"]) >> 32 == 0xFFFF_FFFF, "CPU time was not taken"


def test_the_code_of_a_failed_statement_is_told_by_its_run_wide_name(run_folder: Path) -> None:
    make_run(run_folder)
    first, second = (Tracer(run_folder, Role.SERVER, label, "7e57", 1) for label in ("first", "second"))
    first.name("one more, so that the numbers differ")
    source = RunSource(run_folder)
    ring = second.lease(SizeClass.CONNECTION, second.track)
    arguments = (span_argument(second.name("40001")), span_argument())
    for start, argument in enumerate(arguments, 1):
        ring.write(start, 1, 0, argument, 0, ring.track, Kind.STATEMENT, State.BLOCKED, 1, Flag.COMPLETE)
    first.close()
    second.close()
    batches = [source.poll(), source.drain()]
    source.close()
    names = {number: text for batch in batches for number, text in batch.names} | {0: ""}
    spans = [span for batch in batches for span in batch.spans if span["kind"] == Kind.STATEMENT]
    assert [names[int(span["argument"]) & 0xFFFF_FFFF] for span in spans] == ["40001", ""]
    assert {int(span["argument"]) >> 32 for span in spans} == {0xFFFF_FFFF}, "CPU time was not taken"
