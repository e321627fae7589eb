"""Whatever the rings give, in whatever portions: everything comes out once, and in order if it was not late."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.order import Order, by_end, join, select
from explorer.collect.source import SPAN
from explorer.records.states import Flag, Kind
from tests.unit.collect.make import begin, row, spans

FOREVER = 1 << 62
portions = st.lists(st.tuples(st.lists(st.integers(0, 1000)), st.integers(0, 1000)), max_size=8)


@given(portions)
def test_nothing_is_lost_and_only_late_spans_are_out_of_order(polls: list[tuple[list[int], int]]) -> None:
    order = Order()
    put: list[int] = []
    out: list[int] = []
    late = 0
    released_until = 0
    for ends, until in polls:
        late += sum(end < released_until for end in ends)
        put += ends
        released_until = max(released_until, until)
        got = order.release([spans(row(Kind.CALL, 0, end)) for end in ends], until)["end"].tolist()
        assert got == sorted(got)
        assert all(end < released_until for end in got)
        out += got
    assert all(end >= released_until for end in order.held["end"].tolist())
    out += order.release([], FOREVER)["end"].tolist()
    assert sorted(out) == sorted(put)
    assert order.late == late
    if late == 0:
        assert out == sorted(out)


def test_a_late_begin_is_not_counted_because_its_start_may_be_the_intended_one() -> None:
    order = Order()
    order.release([], 500)
    assert len(order.release([spans(begin(Kind.CLIENT_REQUEST, 100, request=1))], 500)) == 1
    assert order.late == 0


def test_spans_of_equal_end_keep_the_order_of_their_ring() -> None:
    same = np.concatenate([spans(row(Kind.CALL, start, 10)) for start in (5, 3, 4)])
    assert by_end(same)["start"].tolist() == [5, 3, 4]


def test_joining_and_selecting_keep_every_field() -> None:
    one = spans(row(Kind.JOB, 1, 2, request=1 << 60, name=4, track=5, flags=Flag.COMPLETE, depth=7, value=9))
    two = spans(row(Kind.CALL, 3, 4))
    both = join([one, np.empty(0, SPAN), two])
    assert both.tolist() == one.tolist() + two.tolist()
    assert select(both, both["kind"] == Kind.JOB).tolist() == one.tolist()
    assert len(join([])) == 0
