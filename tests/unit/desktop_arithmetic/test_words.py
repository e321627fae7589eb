"""What states are called, and how figures are written."""

import pytest

from explorer.desktop.panels.words import status_words
from explorer.desktop.words import STATE_WORDS, clock, count, duration, moment, request_label, state_title
from explorer.records.schema import span_argument
from explorer.records.states import ABANDONED, Flag, Kind, State
from explorer.store.rows import Span

MS = 1_000_000
SECOND = 1_000 * MS
SHORTEST_LIMIT = 24


def test_every_state_has_words_that_fit_their_places() -> None:
    assert set(STATE_WORDS) == set(State) - {State.NONE}
    assert all(len(words.short) <= SHORTEST_LIMIT for words in STATE_WORDS.values())
    assert all(words.sentence.endswith(".") for words in STATE_WORDS.values())
    assert state_title(State.NONE) == "Unknown"
    assert state_title(State.WAITING_GIL) == "Waiting for the GIL"


def test_counts_have_thousands_commas() -> None:
    assert (count(1_204), count(2.5), count(3.0)) == ("1,204", "2.5", "3")


@pytest.mark.parametrize(
    ("ns", "words"),
    [
        (850, "850 ns"),
        (1_000, "1 µs"),
        (3_200_000, "3.2 ms"),
        (264 * MS, "264 ms"),
        (1_500 * MS, "1.5 s"),
        (125 * SECOND, "2:05 min"),
        (3_254_000, "3.25 ms"),
        (85_340_000, "85.3 ms"),
        (999_700, "1 ms"),
        (9_996_000, "10 ms"),
        (59_990 * MS, "1:00 min"),
        (0, "0 ns"),
        (-3_200_000, "−3.2 ms"),
    ],
)
def test_durations_are_written_with_a_unit(ns: int, words: str) -> None:
    assert duration(ns) == words


def test_moments_and_requests_are_written_as_people_say_them() -> None:
    assert moment(19_700 * MS, 3) == "19.700 s"
    assert moment(65_250 * MS, 3) == "1:05.250"
    assert moment(-300 * MS, 1) == "−0.3 s"
    assert request_label(2 << 40 | 2_664) == "#2664"


def test_a_clock_shows_minutes_and_tenths() -> None:
    assert [clock(seconds) for seconds in (-1, 0.04, 65.25, 3_600)] == ["00:00.0", "00:00.0", "01:05.2", "60:00.0"]


def side(kind: Kind, value: int) -> Span:
    """A record of a request."""
    return Span(1, 0, 0, 1, 0, 7, span_argument(value), kind, State.RUNNING, Flag.COMPLETE)


def test_the_result_of_a_request_is_its_status_and_never_what_a_message_waited() -> None:
    assert status_words([side(Kind.CLIENT_REQUEST, 200), side(Kind.REQUEST, 503)]) == "503 Service Unavailable"
    assert status_words([side(Kind.MESSAGE, 1_000), side(Kind.CLIENT_REQUEST, 200)]) == "200 OK"
    assert status_words([side(Kind.MESSAGE, 1_000)]) == "handled"
    assert status_words([side(Kind.CLIENT_REQUEST, 0)]) == "no answer"
    assert status_words([side(Kind.CLIENT_REQUEST, ABANDONED)]) == "given up: the load ended or changed"
    assert status_words([side(Kind.MESSAGE, 1_000), side(Kind.CLIENT_REQUEST, 101)]) == "message answered"
    assert status_words([side(Kind.MESSAGE, 1_000), side(Kind.CLIENT_REQUEST, 0)]) == "no answer"
