"""The programs that a run's processes are, as import strings."""

from typing import Final

SERVER: Final = "explorer.server.process"
LOADS: Final = {"here": "explorer.load.process", "cluster": "explorer.supervise.hosts.process"}
"""By where the load comes from."""
SAMPLER: Final = "explorer.sampler.process"
