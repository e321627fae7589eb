"""Tells the upstream call where the upstream is."""

from typing import Any

from explorer.option_error import OptionError
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.http_upstream.feature import HttpUpstreamKnobs


class Arguments:
    """Arguments of both bodies for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Raises `OptionError` without an upstream: a server that is started outside of a session has none."""
        address = around.services.get("upstream")
        if not address:
            raise OptionError("There is no upstream to call; start the server through a session.", "workload.id")
        host, _, port = address.rpartition(":")
        self._address = {"host": host, "port": int(port)}

    def of(self, knobs: HttpUpstreamKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return self._address | knobs.model_dump()

    def close(self) -> None:
        """Nothing to let go of."""
