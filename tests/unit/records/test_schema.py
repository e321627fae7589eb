"""The record's layout is pinned: it is what recordings and running processes agree on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.records import schema
from tests import run_reading

PINNED = {
    1: (
        ("start", "Q"),
        ("duration", "Q"),
        ("request", "Q"),
        ("argument", "Q"),
        ("name", "I"),
        ("track", "I"),
        ("sequence", "I"),
        ("kind", "B"),
        ("state", "B"),
        ("depth", "B"),
        ("flags", "B"),
    )
}


def test_fields_change_only_with_the_version() -> None:
    assert PINNED[schema.VERSION] == schema.FIELDS, "raise schema.VERSION and pin the new layout here"
    assert max(PINNED) == schema.VERSION


def test_a_record_has_48_bytes_without_padding() -> None:
    assert schema.SIZE == 48
    assert schema.RECORD.format == "<QQQQIIIBBBB"


@given(st.floats(allow_nan=False))
def test_a_counter_survives(value: float) -> None:
    assert run_reading.counter_value(schema.counter_argument(value)) == value


@pytest.mark.parametrize(
    ("value", "cpu", "low", "high"),
    [
        (200, None, 200, schema.CPU_NOT_TAKEN),
        (-1, 0, 0, 0),
        (1 << 40, 1024, schema.U32, 4),
        (7, 1 << 60, 7, schema.U32 - 1),
    ],
)
def test_arguments_are_clamped(value: int, cpu: int | None, low: int, high: int) -> None:
    packed = schema.span_argument(value, cpu)
    assert (packed & schema.U32, packed >> 32) == (low, high)


def test_request_numbers_of_processes_do_not_meet() -> None:
    assert schema.request_number(1, (1 << 40) - 1) < schema.request_number(2, 0)


def test_a_request_is_called_by_its_counter() -> None:
    assert schema.request_counter(schema.request_number(7, 2_664)) == 2_664
