"""A log that grows without bound keeps its end, and that is said once."""

import os
from pathlib import Path

from explorer.session import events
from explorer.session.log_watch import CUT, KEPT, MOST, LogWatch


def test_a_log_is_cut_while_somebody_appends_to_it(tmp_path: Path) -> None:
    heard: list[events.Event] = []
    watch = LogWatch(tmp_path, heard.append)
    log = tmp_path / "log-server-7.txt"
    writer = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(writer, b"short\n")
    watch.look()
    assert log.read_bytes() == b"short\n"
    for _ in range(2):
        os.write(writer, b"x" * 99 + b"\n" + b"flood\n" * (MOST // 6))
        watch.look()
        os.write(writer, b"the end\n")
        kept = log.read_bytes()
        assert kept.startswith(CUT)
        assert kept.endswith(b"flood\nthe end\n")
        assert len(kept) <= KEPT + len(CUT) + 8
    os.close(writer)
    assert len(heard) == 1
    assert isinstance(heard[0], events.Warned)
    assert heard[0].sentence.startswith("The server prints so much")
