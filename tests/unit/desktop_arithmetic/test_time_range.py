"""A chosen stretch of time: its edges, dragged past one another, cut to the history, found near a pixel."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.desktop.timeline.range.time_range import Edge, TimeRange, between
from explorer.desktop.timeline.viewport import Viewport

times = st.integers(0, 10_000)


@given(times, times)
def test_a_range_has_a_length_whichever_end_comes_first(one: int, other: int) -> None:
    found = between(one, other)
    assert found == between(other, one)
    assert found.begin == min(one, other)
    assert found.length == max(1, abs(one - other))


@given(times, times, times, st.sampled_from(Edge))
def test_a_dragged_edge_stays_at_the_pointer_and_the_other_stays_put(a: int, b: int, to: int, edge: Edge) -> None:
    chosen = between(a, b)
    fixed = chosen.time(Edge.END if edge is Edge.BEGIN else Edge.BEGIN)
    moved, now = chosen.moved(edge, to)
    if to != fixed:
        assert moved.time(now) == to
        assert moved.time(Edge.END if now is Edge.BEGIN else Edge.BEGIN) == fixed


@given(times, times, times, times)
def test_a_range_is_cut_to_the_history(a: int, b: int, first: int, last: int) -> None:
    first, last = sorted((first, last + 20_000))
    found = between(a - 5_000, b + 15_000).within(first, last)
    assert first <= found.begin < found.end <= last


def test_the_nearer_edge_is_found_within_reach() -> None:
    view = Viewport(0, 1_000, 100)
    chosen = TimeRange(200, 230)
    assert chosen.edge_at(view, 20.9, 5) is Edge.BEGIN
    assert chosen.edge_at(view, 22.4, 5) is Edge.END
    assert chosen.edge_at(view, 14.0, 5) is None
    assert chosen.edge_at(view, 30.0, 5) is None
