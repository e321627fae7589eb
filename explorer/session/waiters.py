"""Releasing one who waits for a lock in the server, to break a circle of them."""

from typing import Final, Protocol

from explorer.session.member import Member

RELEASED: Final = "This request waited for a lock and was released by hand, so that the others can go on."


class Waiter(Protocol):
    """Who waits for a lock: a thread of a process by the system's numbers, or a task (not 0) by its own."""

    @property
    def pid(self) -> int:
        """The process."""
        ...

    @property
    def tid(self) -> int:
        """The thread, if it is one."""
        ...

    @property
    def task(self) -> int:
        """The task, 0 for a thread."""
        ...


def release(server: Member | None, owner: Waiter) -> None:
    """Raise in who waits; nothing happens when it does not wait any more."""
    if server is not None:
        server.send("release", pid=owner.pid, tid=owner.tid, task=owner.task, sentence=RELEASED)
