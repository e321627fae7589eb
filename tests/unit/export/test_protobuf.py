"""Messages made column by column are byte for byte what the book says of each alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.export.protobuf import Columns, data, number, varint
from tests.unit.export.wire import Message, read_varint

U64 = st.integers(0, (1 << 64) - 1)


@given(U64)
def test_a_varint_reads_as_what_was_written(value: int) -> None:
    assert read_varint(varint(value), 0) == (value, len(varint(value)))


def test_numbers_below_zero_take_ten_bytes() -> None:
    assert varint(-1) == b"\xff" * 9 + b"\x01"


@given(st.lists(st.tuples(U64, U64, st.booleans()), min_size=1, max_size=20))
def test_columns_are_the_messages_one_after_the_other(rows: list[tuple[int, int, bool]]) -> None:
    first, second = (np.array([row[place] for row in rows], np.uint64) for place in (0, 1))
    present = np.array([row[2] for row in rows])
    inner, outer = Columns(len(rows)), Columns(len(rows))
    inner.number(3, first)
    inner.fixed64(47, second, present)
    outer.message(11, inner)
    outer.number(300, second, ~present)
    expected = b"".join(
        data(11, number(3, one) + (varint(47 << 3 | 1) + two.to_bytes(8, "little") if there else b""))
        + (b"" if there else number(300, two))
        for one, two, there in rows
    )
    assert outer.to_bytes() == expected
    assert outer.lengths.sum() == len(expected)


def test_an_absent_message_leaves_no_trace() -> None:
    inner, outer = Columns(2), Columns(2)
    inner.number(1, np.array([5, 6]))
    outer.number(1, np.array([8, 9]))
    outer.message(2, inner, np.array([True, False]))
    message = Message(outer.to_bytes())
    assert message.all[1] == [8, 9]
    assert [each.number(1) for each in message.messages(2)] == [5]


def test_no_messages_are_no_bytes() -> None:
    empty = Columns(0)
    empty.number(1, np.zeros(0, np.uint64))
    assert empty.to_bytes() == b""
