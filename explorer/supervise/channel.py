"""The parent's half of the control channel: one `Child` for each process that was spawned.

A reader thread hands every message to one callback and, at the end of the stream, the exit status to another. What
comes before anybody listens is kept. Nothing here waits for a child, except `wait` and `wait_for`.
"""

import base64
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from explorer.child.streams import TAIL, last_line, last_of, log_path
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.supervise.listener import Listener

Message = dict[str, Any]
KILL_AFTER_S: Final = 0.4


class Child:
    """A child process: its messages, its end, its last words. Made by `spawn` alone.

    `defaults` are fields that `configure` adds to every configuration (the cores to run on).
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        role: Role,
        run: Path | None,
        words: IO[bytes],
        control: socket.socket | None,
    ) -> None:
        self.role = role
        self.defaults: Message = {}
        self._process = process
        self._run = run
        self._words = words
        self._control = control
        self._state = threading.Condition()
        self._writing = threading.Lock()
        self._messages: list[Message] = []
        self._listener: Callable[[Message], None] | None = None
        self._ended: Callable[[int], None] | None = None
        self._code: int | None = None
        self._final_words = ""
        self._killer: threading.Timer | None = None
        self._reader = threading.Thread(target=self._read, name=f"channel of {role} {process.pid}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def log(self) -> Path | None:
        """The file that it prints to; None while it belongs to no run."""
        return log_path(self._run, str(self.role), self.pid) if self._run is not None else None

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit status, or minus the signal; None while it lives."""
        return self._code

    def on_message(self, callback: Callable[[Message], None]) -> None:
        """Call `callback` from the reader thread for every message, beginning with those that came before."""
        with self._state:
            self._listener = callback
            for message in self._messages:
                callback(message)

    def on_exit(self, callback: Callable[[int], None]) -> None:
        """Call `callback` once with the exit status (minus the signal), after the last message."""
        with self._state:
            self._ended = callback
            if self._code is not None:
                callback(self._code)

    def send(self, kind: str, /, **fields: Any) -> None:
        """Send one message. A child that is gone hears nothing; its end is reported by `on_exit`."""
        self._write({"type": kind, **fields}, None)

    def configure(self, *, listener: Listener | None = None, **fields: Any) -> None:
        """Give the child its configuration, once; `listener` is the socket that a server serves."""
        if "run" in fields:
            self._run = Path(fields["run"])
        message: Message = {"type": "config", **self.defaults, **fields}
        if listener is not None:
            message["listener"] = True
        self._write(message, listener)

    def wait_for(self, kind: str, timeout: float) -> Message:
        """The first message of this type. Raises `OptionError` when the child reports an error, ends, or is too slow.

        For callers without an event loop of their own; not from the callbacks.
        """
        deadline = time.monotonic() + timeout
        seen = 0
        with self._state:
            while True:
                for message in self._messages[seen:]:
                    if message["type"] == kind:
                        return message
                    if message["type"] == "error":
                        raise OptionError(*(str(message.get(key, "")) for key in ("sentence", "where", "details")))
                seen = len(self._messages)
                if self._code is not None:
                    raise OptionError(self.obituary())
                if not self._state.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    raise OptionError(f"The {self.role} did not say '{kind}' within {timeout:g} s; see {self.log}.")

    def stop(self, within: float = 1.0) -> None:
        """Ask it to end and return at once. After `within` seconds it ends itself, soon after that it is killed."""
        with self._state:
            if self._code is not None or self._killer is not None:
                return
            self._killer = threading.Timer(within + KILL_AFTER_S, self.kill)
            self._killer.daemon = True
            self._killer.start()
        self.send("stop", within=within)

    def kill(self) -> None:
        """End it at once; its own children follow by their lifelines."""
        self._process.kill()

    def wait(self, timeout: float) -> int | None:
        """Wait for its end; the exit status, or None when it still lives after `timeout` seconds."""
        self._reader.join(timeout)
        return self._code

    def last_words(self) -> str:
        """The last line that it printed, for the sentence about a start that failed; empty if it printed nothing."""
        return (last_line(self.log) if self.log is not None else "") or self._final_words or self._early_words()

    def obituary(self) -> str:
        """One sentence that says how it ended, with its last words."""
        code = self._code or 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit status {code}"
        words = self.last_words()
        return f"The {self.role} {how}: {words}" if words else f"The {self.role} {how}."

    def _write(self, message: Message, listener: Listener | None) -> None:
        with self._writing:
            try:
                if self._control is None:
                    if listener is not None:
                        message["shared"] = base64.b64encode(listener.share(self.pid)).decode()
                    assert self._process.stdin is not None
                    self._process.stdin.write(_line(message))
                    self._process.stdin.flush()
                elif listener is not None:
                    data = _line(message)
                    sent = socket.send_fds(self._control, [data], [listener.socket.fileno()])
                    self._control.sendall(data[sent:])
                else:
                    self._control.sendall(_line(message))
            except (OSError, ValueError):  # it has gone; a closed pipe is a ValueError
                return

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
                if not isinstance(message, dict) or not isinstance(message.get("type"), str):
                    continue
            except ValueError:  # cut short by the end of the process
                continue
            with self._state:
                # Events come by the thousand; once somebody listens they need not be kept for a latecomer.
                if self._listener is None or message["type"] != "event":
                    self._messages.append(message)
                if self._listener is not None:
                    self._listener(message)
                self._state.notify_all()
        code = self._process.wait()
        self._close()
        with self._state:
            self._code = code
            if self._ended is not None:
                self._ended(code)
            self._state.notify_all()

    def _close(self) -> None:
        self._final_words = self._early_words()
        if self._killer is not None:
            self._killer.cancel()
        with self._writing:
            for end in (self._control, self._process.stdin, self._process.stdout, self._words):
                if end is not None:
                    try:
                        end.close()
                    except OSError:  # what was still buffered for a process that has gone
                        continue

    def _early_words(self) -> str:
        """What was printed before there was a log."""
        if self._words.closed or not hasattr(os, "pread"):
            return ""
        # The child writes to the same open file: reading must not move the position that both share.
        descriptor = self._words.fileno()
        size = os.fstat(descriptor).st_size
        return last_of(os.pread(descriptor, TAIL, max(0, size - TAIL)))


def _line(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
