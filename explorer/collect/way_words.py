"""What stretches of a request's way are called if not by what was done in them, for who writes and who reads it."""

from typing import Final

IN_LOAD: Final = "waits in the load"
CONNECTS: Final = "connects"
TO_SERVER: Final = "until the server reads it"
BACK: Final = "on its way back"
AWAITS: Final = "awaits"
RUNS: Final = "runs"
FOR_LOOP: Final = "waits for the loop"
FOR_HANDLER: Final = "waits for its handler"
FOR_THREAD: Final = "waits for a thread"
FOR_PROCESS: Final = "waits for a process"
FOR_INTERPRETER: Final = "waits for an interpreter"
FOR_CONNECTION: Final = "waits for a connection"
FOR_LOCK: Final = "waits for a lock"
