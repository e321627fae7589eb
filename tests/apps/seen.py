"""What a recording must hold of a run of an app: every request, and in each all that was done for it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from explorer.probe.operations import RESOLVING, SERIALIZING
from explorer.records.states import Kind, State, TrackKind
from tests.apps.build import App, Asked
from tests.end2end.recorded import Recorded


def check(app: App, recorded: Recorded, figures: dict[str, Any]) -> None:
    """Fail unless the server saw what the load sent, and each request shows its dependencies, endpoint and so on."""
    assert recorded.tally.lost == 0
    answered = figures["requests_total"]
    assert answered["failed"] == 0
    asked = {one.name: one for one in app.routes if one.speaks == "http"}
    served = {name: set(recorded.of(Kind.REQUEST, name)["request"].tolist()) for name in asked}
    sent = {name: set(recorded.of(Kind.CLIENT_REQUEST, name)["request"].tolist()) for name in asked}
    assert served == sent, {name: (len(served[name]), len(sent[name])) for name in asked}
    assert all(served.values())
    operations = recorded.of(Kind.OPERATION)
    by_request: dict[int, Counter[str]] = {}
    for request, name in zip(operations["request"].tolist(), operations["name"].tolist(), strict=True):
        by_request.setdefault(request, Counter())[recorded.names[name]] += 1
    for name, one in asked.items():
        wanted = Counter(expected(one))
        for request in served[name]:
            assert by_request[request] == wanted, (name, by_request[request] - wanted, wanted - by_request[request])
    for one in app.routes:
        if one.speaks == "websocket":
            messages = set(recorded.of(Kind.MESSAGE)["request"].tolist())
            assert messages == set(recorded.of(Kind.CLIENT_REQUEST, one.name)["request"].tolist())
            assert messages
    for name, one in asked.items():
        _on_its_lane(recorded, served[name], one)
    _beside(recorded)


def expected(asked: Asked) -> Iterable[str]:
    """The operations of a request."""
    yield RESOLVING
    yield f"endpoint {asked.endpoint}"
    yield from (f"dependency {name}" for name in asked.dependencies)
    if asked.serialized:
        yield SERIALIZING
    if asked.background:
        yield f"background task {asked.background}"


def _on_its_lane(recorded: Recorded, requests: set[int], asked: Asked) -> None:
    """The pieces of each request, on the lane that is drawn, bear the names of all that was done for it.

    Only what spent all its time waiting for something (a core, say) may be hidden behind that.
    """
    wanted = {name for name in expected(asked) if not name.startswith("background task")}
    pieces, operations = _by_request(recorded, Kind.PIECE, requests), _by_request(recorded, Kind.OPERATION, requests)
    for request in requests:
        mine = pieces[request]
        tracks = {recorded.tracks[number].kind for _, _, _, _, number in mine}
        assert tracks == {TrackKind.LANE}, tracks
        hidden = wanted - {name for _, _, name, _, _ in mine}
        for start, end, name, _, _ in operations[request]:
            if name in hidden:
                during = [piece for piece in mine if piece[0] < end and piece[1] > start]
                states = {state for _, _, _, state, _ in during}
                assert not states & {State.RUNNING, State.AWAITING}, (asked.name, request, name, start, end, during)


def _by_request(recorded: Recorded, kind: Kind, requests: set[int]) -> dict[int, list[tuple[int, int, str, int, int]]]:
    """Start, end, name, state and track of the spans of a kind, by request."""
    found: dict[int, list[tuple[int, int, str, int, int]]] = {request: [] for request in requests}
    spans = recorded.of(kind)
    for request, start, end, name, state, track in spans[
        ["request", "start", "end", "name", "state", "track"]
    ].tolist():
        if request in found:
            found[request].append((start, end, recorded.names[name], state, track))
    return found


def _beside(recorded: Recorded) -> None:
    """Background tasks lie on lanes beside the requests, and none overlaps another there."""
    numbers = [number for number, text in recorded.names.items() if text.startswith("background task")]
    operations = recorded.of(Kind.OPERATION)
    tasks = operations[np.isin(operations["name"], numbers)]
    kinds = {recorded.tracks[number].kind for number in set(tasks["track"].tolist())}
    assert kinds <= {TrackKind.LANE}, kinds
    last: dict[int, int] = {}
    for track, start, end in tasks[["track", "start", "end"]].tolist():
        assert start >= last.get(track, 0)
        last[track] = end
