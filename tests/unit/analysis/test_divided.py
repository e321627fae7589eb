"""What the sampler saw of a thread, put into the bars of its work."""

import numpy as np

from explorer.analysis.divided import divide, share_out
from explorer.analysis.gathered import Gathered
from explorer.desktop.timeline.strip_bars import bars_of
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State
from explorer.store.coverage import STATES

RUN, GIL, CORE = State.RUNNING, State.WAITING_GIL, State.RUNNABLE
BLOCKED, LOCK, IDLE = State.BLOCKED, State.WAITING_LOCK, State.IDLE


def spans(*rows: tuple[int, int, State], request: int = 0, row: int = 0, period_us: int = 1) -> Gathered:
    many = len(rows)
    return Gathered(
        np.full(many, row, "<i8"),
        np.array([one[0] for one in rows], "<i8"),
        np.array([one[1] for one in rows], "<i8"),
        np.array([one[2] for one in rows], "u1"),
        np.zeros(many, "u1"),
        np.full(many, period_us, "<i8"),
        np.zeros(many, "<u4"),
        np.full(many, request, "<u8"),
    )


def joined(*parts: Gathered) -> Gathered:
    fields = Gathered.__slots__
    return Gathered(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))


def told(some: Gathered) -> list[tuple[int, int, State, int]]:
    columns = zip(*(column.tolist() for column in (some.start, some.end, some.state, some.request)), strict=True)
    return [(start, end, State(state), request) for start, end, state, request in columns]


def test_waits_for_the_gil_lie_over_everything_and_blocked_under_what_the_probe_knows() -> None:
    work = spans((100, 200, RUN), request=7)
    seen = spans((100, 120, RUN), (120, 150, GIL), (150, 170, BLOCKED), (170, 190, LOCK), (190, 200, CORE))
    under, over = divide(work, seen)
    assert told(under) == [(150, 170, BLOCKED, 7), (170, 190, LOCK, 7)]
    assert told(over) == [(120, 150, GIL, 7), (190, 200, CORE, 7)]


def test_what_began_in_a_piece_of_work_ends_with_it() -> None:
    under, over = divide(spans((100, 200, RUN), (205, 300, RUN)), spans((150, 210, GIL), (290, 320, BLOCKED)))
    assert told(over) == [(150, 200, GIL, 0)]
    assert told(under) == [(290, 300, BLOCKED, 0)]


def test_a_thread_that_was_blocked_at_every_look_was_so_in_each_piece_of_its_work() -> None:
    work = joined(
        spans((100, 200, RUN), request=7), spans((230, 300, State.AWAITING)), spans((310, 400, RUN), request=8)
    )
    under, _ = divide(work, spans((120, 350, BLOCKED)))
    assert told(under) == [(120, 200, BLOCKED, 7), (310, 350, BLOCKED, 8)]


def test_a_wait_for_the_gil_that_was_seen_after_the_work_goes_on() -> None:
    work = spans((100, 2_000, RUN))
    _, over = divide(work, spans((1_500, 9_000, GIL), period_us=2))
    assert told(over) == [(1_500, 9_000, GIL, 0)], "the last look was at 7,000"
    under, _ = divide(work, spans((1_500, 9_000, BLOCKED), period_us=2))
    assert told(under) == [(1_500, 2_000, BLOCKED, 0)]


def test_a_thread_may_wait_for_the_gil_before_its_work_but_idles_without() -> None:
    under, over = divide(spans((100, 200, RUN)), spans((80, 90, BLOCKED), (90, 110, GIL), (210, 220, IDLE)))
    assert told(over) == [(90, 110, GIL, 0)]
    assert told(under) == []
    assert told(divide(spans(), spans((90, 110, GIL)))[1]) == [(90, 110, GIL, 0)]


def test_work_that_is_known_not_to_run_is_not_divided() -> None:
    under, _ = divide(spans((100, 200, State.AWAITING)), spans((120, 150, BLOCKED)))
    assert told(under) == []


def test_rows_are_not_mixed_up() -> None:
    work = joined(spans((100, 200, RUN), request=7), spans((300, 400, RUN), request=8, row=2))
    seen = joined(spans((150, 350, BLOCKED)), spans((150, 350, BLOCKED), row=1), spans((310, 320, BLOCKED), row=2))
    under, _ = divide(work, seen)
    assert told(under) == [(150, 200, BLOCKED, 7), (310, 320, BLOCKED, 8)]
    assert under.row.tolist() == [0, 2]


def test_bars_are_in_the_rows_of_their_lanes() -> None:
    bars = bars_of(Viewport(0, 1_000, 100), joined(spans((100, 200, GIL), row=3), spans((300, 310, CORE), row=6)))
    assert list(zip(bars.left.tolist(), bars.right.tolist(), bars.row.tolist(), strict=True)) == [
        (10, 19, 3),
        (30, 31, 6),
    ]


def shares(**ns: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    found = np.zeros((1, STATES, 1), "<f4")
    for name, value in ns.items():
        found[0, State[name], 0] = value
    return found


def test_in_columns_running_gives_way_and_what_both_know_counts_once() -> None:
    work, seen = shares(RUNNING=70, BLOCKED=20), shares(RUNNING=20, WAITING_GIL=30, BLOCKED=40)
    shared = share_out(work, seen)[0, :, 0]
    assert {State(at): float(value) for at, value in enumerate(shared.tolist()) if value} == {
        State.RUNNING: 20,
        State.WAITING_GIL: 30,
        State.BLOCKED: 40,
    }


def test_in_columns_a_blocked_thread_needs_work_and_a_wait_for_the_gil_does_not() -> None:
    shared = share_out(shares(RUNNING=10), shares(WAITING_GIL=30, BLOCKED=40))[0, :, 0]
    assert float(shared[State.WAITING_GIL]) == 30
    assert float(shared[State.BLOCKED]) == 0
    assert float(shared[State.RUNNING]) == 0


def test_in_columns_inner_spans_that_came_before_their_outer_one_do_no_harm() -> None:
    shared = share_out(shares(RUNNING=-20, BLOCKED=20), shares(BLOCKED=20))[0, :, 0]
    assert float(shared[State.RUNNING]) == 0
    assert float(shared[State.BLOCKED]) == 20
