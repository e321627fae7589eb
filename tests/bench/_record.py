"""Collector and recorder of a run in a process of their own: `python -m tests.bench._record RUN`.

Stands for the window's process beside an observed server. Ends with its standard input and prints the books: records
written, read, lost.
"""

import json
import sys
from pathlib import Path

from explorer.collect.collector import Collector
from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch
from explorer.recording.writer import RecordingWriter


def main(run: Path) -> None:
    """Collect and record until standard input ends."""
    source = RunSource(run)
    recorder = RecordingWriter(run)
    last: list[Batch] = []
    failures: list[str] = []
    collector = Collector(
        source,
        [recorder.feed, lambda batch: last.__setitem__(slice(None), [batch])],
        lambda error: failures.append(repr(error)),
    )
    collector.start()
    print("ready", flush=True)
    sys.stdin.read()
    collector.stop()
    recorder.close()
    tally = last[0].tally
    print(
        json.dumps(
            {
                "written": tally.written,
                "read": tally.read,
                "lost": tally.lost,
                "cpu_s": round(collector.cpu_s, 3),
                "failures": failures,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
