"""How long the steps of a session may take."""

from typing import Final

START_LIMIT_S: Final = 30.0
LOAD_LIMIT_S: Final = {"here": START_LIMIT_S, "cluster": 60.0}
"""A cluster's hosts first get the program's files and start their loads."""
STOP_LIMIT_S: Final = 1.0
DRAIN_S: Final = 0.1
"""Of the time that a stop may take, what is kept for reading the last records and closing the recording."""
LEAST_STOP_S: Final = 0.3
SERVICES_S: Final = 0.1
"""Of that time, what is kept for the services at least."""
HOLD_LIMIT_S: Final = {"here": 1.0, "cluster": 2.0}
"""How long the load may take to say that it sends nothing more."""
RESTART_LIMIT_S: Final = 2.0
"""How long an old server may take to answer what it has begun; new connections wait in the listener meanwhile."""

OWN_END_S: Final = 5.0
"""How long the lifespan of an app of the user's own may take to end, with what comes before it."""
