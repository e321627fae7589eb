"""The reader of event streams against a second one, written here from the text of the standard."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.load.event_stream import MOST_RETRY_MS, Event, EventStreamParser


class Told:
    """What a whole stream means, by "Parsing" and "Interpreting an event stream" of the HTML standard, word by word.

    It decodes first and then looks at one character after the other, where the parser under test splits bytes.
    """

    def __init__(self, stream: bytes) -> None:
        self.events: list[Event] = []
        self.last_id = ""
        self.retry_ms: int | None = None
        self._data = self._type = self._id = ""
        text = stream.decode("utf-8", errors="replace")
        for line in self._lines(text[1:] if text.startswith("\ufeff") else text):
            self._process(line)

    @staticmethod
    def _lines(text: str) -> Iterator[str]:
        """Each line that has an end; what follows the last end is no line."""
        line, place = "", 0
        while place < len(text):
            character = text[place]
            place += 1
            if character == "\r":
                if text[place : place + 1] == "\n":
                    place += 1
                yield line
                line = ""
            elif character == "\n":
                yield line
                line = ""
            else:
                line += character

    def _process(self, line: str) -> None:
        if line == "":
            self._dispatch()
        elif line[0] == ":":
            return
        elif ":" in line:
            colon = line.index(":")
            value = line[colon + 1 :]
            if value[:1] == " ":
                value = value[1:]
            self._field(line[:colon], value)
        else:
            self._field(line, "")

    def _field(self, name: str, value: str) -> None:
        if name == "event":
            self._type = value
        elif name == "data":
            self._data += value + "\n"
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry" and value and all(character in "0123456789" for character in value):
            # The standard knows no longest time; an hour is this program's own.
            self.retry_ms = min(int(value), MOST_RETRY_MS)

    def _dispatch(self) -> None:
        self.last_id = self._id
        if self._data == "":
            self._type = ""
            return
        self._data = self._data[:-1]
        self.events.append(Event(self._type or "message", self._data, self.last_id))
        self._data = self._type = ""


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """The stream in pieces, some of them empty."""
    borders = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[first:last] for first, last in pairwise(borders)]


PIECES = [
    b"data", b"event", b"id", b"retry", b":", b": ", b":  ", b" ", b"\r", b"\n", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n",
    b"\xef\xbb\xbf", b"\xef", b"\xbb", b"\xe2\x82\xac", b"\xe2\x82", b"\xf0\x9f", b"\xff", b"\0", b"0", b"25", b"\x0b",
    b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"\x1c", b"x", b"data: a\n", b"id: 7\n", b"event: news\r\n", b"retry: 10\r",
    b": note\n", b"\xef\xbc\x91", b"-1",
]  # fmt: skip
STREAMS = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=40).map(b"".join)
PLACES = st.lists(st.integers(0, 1 << 16), max_size=30)


@given(STREAMS, PLACES)
def test_any_stream_cut_anywhere_means_what_the_standard_says(stream: bytes, places: list[int]) -> None:
    parser, told = EventStreamParser(), Told(stream)
    found = [event for piece in cut(stream, places) for event in parser.feed(piece)]
    assert (found, parser.last_id, parser.retry_ms) == (told.events, told.last_id, told.retry_ms)


@given(STREAMS)
def test_byte_by_byte(stream: bytes) -> None:
    parser = EventStreamParser()
    found = [event for place in range(len(stream)) for event in parser.feed(stream[place : place + 1])]
    assert found == Told(stream).events


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        # The examples of the standard.
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [("message", "first event", "1"), ("message", "second event", ""), ("message", " third event", "")],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
        (b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")]),
        # A type without data is no event, and does not colour the next.
        (b"event: news\n\ndata: x\n\n", [("message", "x", "")]),
        (b"\xef\xbb\xbfdata: x\n\n", [("message", "x", "")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\n", []),
        (b"id: a\0b\ndata: x\n\n", [("message", "x", "")]),
    ],
)
def test_streams_whose_meaning_is_known(stream: bytes, events: list[tuple[str, str, str]]) -> None:
    assert EventStreamParser().feed(stream) == events
    assert Told(stream).events == events


def test_an_event_is_told_at_once_though_half_of_its_line_end_may_be_to_come() -> None:
    parser = EventStreamParser()
    assert parser.feed(b"data: a\r\n\r") == [("message", "a", "")]
    assert parser.feed(b"\ndata: b\r\n\r\n") == [("message", "b", "")]


def test_a_new_connection_drops_what_was_unfinished_and_goes_on_from_the_last_id() -> None:
    parser = EventStreamParser()
    parser.feed(b"retry: 20\nid: 4\ndata: whole\n\nid: 5\nevent: odd\ndata: half\ndata: cut sho")
    assert (parser.last_id, parser.retry_ms) == ("4", 20)
    parser.restart()
    assert parser.feed(b"\xef\xbb\xbfdata: more\n\n") == [("message", "more", "4")]
    assert parser.last_id == "4"


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [("0", 0), ("00012", 12), ("12a", None), ("-1", None), ("", None), ("9" * 5000, MOST_RETRY_MS), ("١", None)],
)
def test_only_digits_are_a_time(value: str, milliseconds: int | None) -> None:
    parser = EventStreamParser()
    parser.feed(f"retry: {value}\n".encode())
    assert parser.retry_ms == milliseconds
