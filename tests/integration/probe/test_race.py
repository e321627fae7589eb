"""A reader beside a writer that does not wait for it, in another process: nothing torn, nothing uncounted."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.records.states import Kind
from explorer.ring.reader import Array, RingReader

COUNT = 20_000


def read_all(form: str, path: Path, wait_until: Callable[..., None]) -> tuple[RingReader, Array]:
    """Poll without a pause while a child writes; the reader with everything that it got."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.probe.racing_writer", form, str(path), str(COUNT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        wait_until(path.exists)
        reader = RingReader(path)
        done = threading.Event()
        assert child.stdout is not None
        out = child.stdout

        def listen() -> None:
            out.readline()
            done.set()

        listener = threading.Thread(target=listen)
        listener.start()
        found = []
        while not done.is_set():
            found.append(reader.poll())
        listener.join()
        found.append(reader.poll())
    finally:
        child.communicate(timeout=20)
    return reader, np.concatenate(found)


@pytest.mark.parametrize("form", ["records", "requests"])
def test_records_are_whole(form: str, tmp_path: Path, wait_until: Callable[..., None]) -> None:
    reader, rows = read_all(form, tmp_path / "1-1.ring", wait_until)
    assert (rows["request"] == rows["name"] * np.uint64(3)).all()
    numbers = rows["sequence"].astype(np.int64)
    assert (np.diff(numbers) > 0).all()
    assert reader.read == len(rows)
    assert reader.read + reader.lost == reader.written == COUNT
    assert sum(loss.count for loss in reader.take_losses()) == reader.lost
    reader.close()


def test_columns_are_whole(tmp_path: Path, wait_until: Callable[..., None]) -> None:
    reader, rows = read_all("columns", tmp_path / "1-1.ring", wait_until)
    callbacks = rows[rows["kind"] != Kind.SELECT]
    assert set(callbacks["kind"].tolist()) == {Kind.CALLBACK, Kind.TIMER}
    assert (np.diff(callbacks["sequence"].astype(np.int64)) > 0).all()
    ends = rows["start"] + rows["duration"]
    assert (rows["start"][1:] >= ends[:-1]).all(), "spans of one loop do not overlap"
    assert reader.read == len(callbacks)
    assert reader.read + reader.lost == reader.written == COUNT
    assert sum(loss.count for loss in reader.take_losses()) == reader.lost
    reader.close()
