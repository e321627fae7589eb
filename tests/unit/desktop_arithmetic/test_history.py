"""Where the view has been: back, forward, bursts, and what a new move forgets."""

from explorer.desktop.timeline.history import MOST, Place, ViewHistory


class Clock:
    """A clock that is set by hand, s."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def place(begin: int, length: int = 10) -> Place:
    return Place(begin, length)


def test_back_and_forward_return_to_where_the_view_was() -> None:
    clock = Clock()
    history = ViewHistory(clock)
    for at in range(3):
        clock.now += 1.0
        history.moved(place(at), place(at + 1))
    assert history.back(place(3)) == place(2)
    assert history.back(place(2)) == place(1)
    assert history.forward(place(1)) == place(2)
    assert history.back(place(2)) == place(1)
    assert history.back(place(1)) == place(0)
    assert history.back(place(0)) is None
    assert not history.can_go_back
    assert history.can_go_forward


def test_a_burst_of_moves_is_one_entry() -> None:
    clock = Clock()
    history = ViewHistory(clock)
    for at in range(30):
        clock.now += 0.05
        history.moved(place(at), place(at + 1))
    assert history.back(place(30)) == place(0)
    assert history.back(place(0)) is None


def test_a_move_after_going_back_is_an_entry_of_its_own_and_ends_forward() -> None:
    clock = Clock()
    history = ViewHistory(clock)
    history.moved(place(0), place(1))
    assert history.back(place(1)) == place(0)
    history.moved(place(0), place(5))
    assert not history.can_go_forward
    assert history.back(place(5)) == place(0)


def test_what_shows_the_same_is_no_move() -> None:
    clock = Clock()
    history = ViewHistory(clock)
    history.moved(place(4), place(4))
    history.moved(Place(1, 10, True), Place(9, 10, True))
    assert not history.can_go_back
    history.moved(Place(1, 10, True), Place(1, 10, False))
    assert history.back(place(1)) == Place(1, 10, True)


def test_only_the_newest_places_are_kept() -> None:
    clock = Clock()
    history = ViewHistory(clock)
    for at in range(MOST + 50):
        clock.now += 1.0
        history.moved(place(at), place(at + 1))
    found = []
    here = place(MOST + 50)
    while (before := history.back(here)) is not None:
        found.append(before.begin)
        here = before
    assert found == list(range(MOST + 49, 49, -1))
