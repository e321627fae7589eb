"""Machines on this machine: network namespaces with addresses of their own, whose clocks may run ahead.

Needs root, `ip`, and for clocks a Linux that has time namespaces. Run as a script it is what puts a command into
another time: `python tests/networks.py SECONDS COMMAND…`.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Final

CLONE_NEWTIME: Final = 0x80
NET: Final = "10.254"
"""What their addresses begin with; nobody else here should use it."""


def missing() -> str:
    """What this machine lacks for it, in a sentence, or nothing."""
    if not sys.platform.startswith("linux") or shutil.which("ip") is None:
        return "this needs Linux and the command ip."
    if os.geteuid() != 0:
        return "this needs root, for network namespaces."
    return ""


@dataclass(frozen=True, slots=True)
class Machine:
    """One of them. `address` is its own, `host` that of this machine on the cable between the two."""

    name: str
    address: str
    host: str

    def run(self, ahead_s: float = 0.0) -> list[str]:
        """What a command must be preceded by to run there, its clock ahead of this machine's by so much."""
        there = ["ip", "netns", "exec", self.name]
        return [*there, sys.executable, __file__, str(ahead_s)] if ahead_s else there


@dataclass(slots=True)
class Networks:
    """Such machines, each on a cable of its own to this one; they are gone after the `with`."""

    number: int
    machines: list[Machine] = field(default_factory=list)

    def __enter__(self) -> "Networks":
        for at in range(1, self.number + 1):
            name, ours = f"explorer-{os.getpid()}-{at}", f"ex{os.getpid() % 100_000}-{at}"
            machine = Machine(name, f"{NET}.{at}.2", f"{NET}.{at}.1")
            _ip("netns", "add", name)
            self.machines.append(machine)
            _ip("link", "add", ours, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("addr", "add", f"{machine.host}/24", "dev", ours)
            _ip("link", "set", ours, "up")
            for words in (
                ("addr", "add", f"{machine.address}/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("link", "set", "lo", "up"),
                ("route", "add", "default", "via", machine.host),
            ):
                _ip("-n", name, *words)
        return self

    def __exit__(self, *error: object) -> None:
        for machine in self.machines:
            _ip("netns", "del", machine.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def into_another_time(ahead_s: float) -> None:
    """Move this process, which must have one thread, into a time in which the monotonic clock is ahead by so much."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWTIME):
        raise OSError(ctypes.get_errno(), "this system has no time namespaces")
    seconds, rest = divmod(round(ahead_s * 1e9), 1_000_000_000)
    with open("/proc/self/timens_offsets", "w") as file:
        file.write(f"monotonic {seconds} {rest}\nboottime {seconds} {rest}\n")
    descriptor = os.open("/proc/self/ns/time_for_children", os.O_RDONLY)
    if libc.setns(descriptor, CLONE_NEWTIME):
        raise OSError(ctypes.get_errno(), "the time cannot be entered")
    os.close(descriptor)


if __name__ == "__main__":
    into_another_time(float(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
