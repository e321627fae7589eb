"""What the sampler saw, as pixels: states that were seen twice are bars, what was seen once is a tick."""

import numpy as np

from explorer.analysis.gathered import Rows, gather
from explorer.collect.source import Batch, OpenSpan, Track
from explorer.desktop.timeline.strip_bars import TICK, StripBars, strip_bars
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.schema import span_argument
from explorer.records.states import Kind, State, TrackKind
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import Given, spans_of

MS = 1_000_000
BASE = 10**15
PERIOD_US = 2_000


def sampled(rows: list[Given], kind: Kind = Kind.THREAD_STATE) -> Store:
    """A store with these spans of a sampler that looked every 2 ms."""
    spans = spans_of(rows)
    spans["kind"] = kind
    spans["argument"] = span_argument(PERIOD_US)
    store = Store()
    store.append(Batch(BASE, spans, tracks=[Track(1, TrackKind.STATES, "", 1, tid=7, pid=4001)]))
    return store


def bars_of(
    store: Store, px_per_ms: int = 10, opened: list[OpenSpan] | None = None, horizon: int = BASE + 100 * MS
) -> StripBars:
    view = Viewport(BASE, 100 * MS, 100 * px_per_ms)
    pieces = store.slices(1, 0, view.begin, view.end)
    return strip_bars(view, gather([Rows(0, pieces, opened or [], horizon)], horizon))


def drawn(bars: StripBars) -> list[tuple[int, int, State]]:
    """The bars in order of place."""
    order = np.argsort(bars.left, kind="stable")
    return [(int(bars.left[at]), int(bars.right[at]), State(int(bars.state[at]))) for at in order]


def test_states_that_lasted_meet_without_a_gap() -> None:
    bars = bars_of(sampled([(1, BASE, BASE + 10 * MS, State.RUNNING), (1, BASE + 10 * MS, BASE + 30 * MS, State.IDLE)]))
    assert drawn(bars) == [(0, 100, State.RUNNING), (100, 300, State.IDLE)]


def test_what_was_seen_once_is_a_tick_and_the_rest_is_not_known() -> None:
    bars = bars_of(sampled([(1, BASE + 4 * MS, BASE + 6 * MS, State.WAITING_GIL)]))
    assert drawn(bars) == [(40, 40 + TICK, State.WAITING_GIL), (40 + TICK, 60, State.UNKNOWN)]


def test_where_a_period_is_no_wider_than_a_tick_it_is_a_bar() -> None:
    bars = bars_of(sampled([(1, BASE + 4 * MS, BASE + 6 * MS, State.WAITING_GIL)]), px_per_ms=1)
    assert drawn(bars) == [(4, 6, State.WAITING_GIL)]


def test_a_holder_seen_once_is_a_bar() -> None:
    bars = bars_of(sampled([(1, BASE + 4 * MS, BASE + 6 * MS, State.RUNNING)], Kind.GIL_HELD))
    assert drawn(bars) == [(40, 60, State.RUNNING)]
    assert bars.value.tolist() == [PERIOD_US]


def test_finished_spans_end_at_the_horizon_and_open_ones_now() -> None:
    store = sampled([(1, BASE, BASE + 10 * MS, State.RUNNING), (1, BASE + 20 * MS, BASE + 30 * MS, State.BLOCKED)])
    opened = [OpenSpan(1, 0, BASE + 10 * MS, 0, 0, Kind.THREAD_STATE, State.IDLE, PERIOD_US)]
    bars = bars_of(store, opened=opened, horizon=BASE + 15 * MS)
    assert drawn(bars) == [(0, 100, State.RUNNING), (100, 150, State.IDLE)]


def test_nothing_seen_is_nothing_drawn() -> None:
    assert len(bars_of(sampled([(1, BASE - 20 * MS, BASE - 10 * MS, State.RUNNING)]))) == 0
