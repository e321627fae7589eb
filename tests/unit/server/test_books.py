"""Numbers that requests keep together, seats and turns."""

from concurrent.futures import ThreadPoolExecutor

from explorer.server.books import Books, RaisedNumber, Seats, Turns


class Drawn:
    """Stands in for counters: all that they were set to, by name."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}

    def __call__(self, name: str, unit: str) -> "Drawn.One":
        return Drawn.One(self.seen.setdefault(name, []))

    class One:
        def __init__(self, seen: list[float]) -> None:
            self.set = seen.append


def test_books_draw_every_change_from_any_thread() -> None:
    drawn = Drawn()
    books = Books(drawn, {"meals": "meals", "length": "items"})
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: books.add("meals"), range(100)))
    books.write("length", 7)
    assert books["meals"] == 100
    assert drawn.seen == {"meals": list(range(101)), "length": [0, 7]}


def test_a_number_knows_what_went_missing_in_it() -> None:
    drawn = Drawn()
    number = RaisedNumber(drawn, "balance", "additions")
    for value in (1, 2, 2, 1):  # the third did not see the second, the fourth neither that nor the first
        number.write(value)
    assert (number.value, number.written, number.lost) == (1, 4, 3)
    assert drawn.seen["balance"] == [0, 1, 2, 2, 1]
    assert drawn.seen["additions lost"] == [0, 1, 3]
    number.begin()
    assert (number.value, number.written, number.lost) == (0, 0, 0)


def test_a_seat_is_lent_to_one_at_a_time_the_lowest_first() -> None:
    seats = Seats()
    assert [seats.take() for _ in range(3)] == [0, 1, 2]
    seats.leave(1)
    assert (seats.take(), seats.take()) == (1, 3)


def test_turns_are_counted_once_each() -> None:
    turns = Turns()
    with ThreadPoolExecutor(4) as threads:
        taken = sorted(threads.map(lambda _: turns.take(), range(100)))
    assert taken == list(range(100))


def test_a_number_that_comes_later_is_drawn_from_then_on() -> None:
    drawn = Drawn()
    books = Books(drawn, {"meals": "meals"})
    for _ in range(2):
        books.begin("refused: cold", "meals")
        books.add("refused: cold")
    assert drawn.seen == {"meals": [0], "refused: cold": [0, 1, 2]}
    assert books.beginning_with("refused: ") == {"cold": 2}
