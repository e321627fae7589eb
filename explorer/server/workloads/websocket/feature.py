"""WebSocket: a connection on which both sides send messages; each message of a client is a piece of work."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class WebSocketKnobs(Knobs):
    """What happens to a message."""

    seconds: float = knob(
        0.01, ge=0, le=60, title="Work", unit="s", effect="live",
        description="How long the server works at each message before it answers.",
    )  # fmt: skip
    broadcast: bool = knob(
        False, title="Broadcast", effect="live",
        description="Sends each message to everybody who is connected to the same server process, not only back.",
    )  # fmt: skip


def demand(knobs: WebSocketKnobs, form: str) -> Demand | None:
    """Of a message that goes back to its sender; what a broadcast costs depends on who is connected."""
    return None if knobs.broadcast else Demand(waits_s=knobs.seconds)


feature = Feature(
    id="websocket",
    title="WebSocket",
    short="Messages both ways.",
    summary="Echoes messages, or sends each to everybody.",
    group="Streams",
    order=100,
    # One connection stays open: a message comes, is worked at and answered, and the handler awaits the next.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.08, 0.16, State.AWAITING),
        (0, 0.24, 0.04, State.RUNNING),
        (0, 0.40, 0.04, State.RUNNING),
        (0, 0.44, 0.16, State.AWAITING),
        (0, 0.60, 0.04, State.RUNNING),
        (0, 0.72, 0.04, State.RUNNING),
        (0, 0.76, 0.16, State.AWAITING),
        (0, 0.92, 0.04, State.RUNNING),
    ),
    entry="explorer.server.workloads.websocket.body:blocking",
    knobs=WebSocketKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    speaks="websocket",
    needs=("websockets",),
    demand=demand,
    idle={"seconds": 0.0},
)
