"""Of the knobs of the WebSocket only the time concerns its body; whom the answer goes to is the handler's affair."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.websocket.feature import WebSocketKnobs


class Arguments:
    """Arguments of both bodies for given knobs, beside the message."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing to prepare."""

    def of(self, knobs: WebSocketKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"seconds": knobs.seconds}

    def close(self) -> None:
        """Nothing to let go of."""
