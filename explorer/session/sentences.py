"""What a session says of a run in fixed words."""

from typing import Final

UNOBSERVED: Final = (
    "A process of the server is not observed, and what it does is in no figure; the server's log says why."
)
UVLOOP: Final = (
    "uvloop shows only the steps of tasks: its queue, its selector and its callbacks are out of reach. "
    "Choose asyncio to see them."
)
STOPPED: Final = "The run was stopped before its server could start."
EXPOSED: Final = "The server can be reached from other machines: it listens at {}."
OWN_LOOP: Final = "{} serves on the loop of {}, so that the choice of uvloop has no effect."
