"""A recorder that is killed with SIGKILL loses no more than what it had not yet flushed."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.recording import archive, retention
from explorer.recording.file_source import FileSource
from tests.unit.recording.runs import batches, joined, read_all, run_json

RECORDER = """
import sys, time
from pathlib import Path
from explorer.recording.writer import RecordingWriter
from tests.unit.recording.runs import batches
writer = RecordingWriter(Path(sys.argv[1]))
for batch in batches(2_000, spans_each=20):
    writer.feed(batch)
    time.sleep(0.0005)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="There is no SIGKILL on Windows.")
def test_a_killed_recording_is_whole_up_to_the_last_flush(tmp_path: Path, wait_until: Callable[..., None]) -> None:
    (tmp_path / "runs").mkdir()
    run = run_json(tmp_path / "runs" / "a")
    child = subprocess.Popen([sys.executable, "-c", RECORDER, str(run)])
    segment = run / "spans-0001.arrows"
    try:
        wait_until(lambda: segment.exists() and segment.stat().st_size > 60_000)  # the last batch may be cut
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    source = FileSource(run)
    found = joined(read_all(source))
    expected = joined(batches(2_000, spans_each=20))
    assert not source.complete
    assert len(found.spans) >= 1_000
    assert np.array_equal(found.spans, expected.spans[: len(found.spans)])
    assert found.now - int(found.spans["end"].max()) < 120_000_000
    assert found.tracks == expected.tracks
    saved = FileSource(archive.save(run, tmp_path / "recovered.cxrec").path)
    assert np.array_equal(joined(read_all(saved)).spans, found.spans)
    assert [kept.title for kept in retention.recent(tmp_path / "runs")] == ["Recovered run: event_loop, sleep"]
