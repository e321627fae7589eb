"""Where changes are written, and where they are reported."""

from dataclasses import dataclass

from explorer.server.engines import Pool

POOL_SIZE = 5
POOL_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """PostgreSQL behind `pool`, reporting on a channel; or, without one, the SQLite database in `file`.

    Goes to other processes with the arguments of the body. `part` tells two workloads on one database apart.
    """

    pool: Pool | None
    file: str = ""
    part: str = ""
    channel: str = "explorer_change"
