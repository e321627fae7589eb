"""The isolation lab's strip, graph, final tables, marks, and the address of a server."""

import math

import pytest

from explorer.desktop.labs.isolation.other_level import near, neighbour, other_level, sentence, unlike
from explorer.desktop.labs.isolation.outcome import HAPPENED, OPEN, PREVENTED, outcome
from explorer.desktop.labs.isolation.server_url import joined, parted, refused
from explorer.desktop.labs.isolation.side.dependency_picture import picture, places
from explorer.desktop.labs.isolation.side.final_tables import finals
from explorer.desktop.labs.isolation.strip.model import Axis, Release, strip
from explorer.labs.isolation.graph import Edge, Graph, Node
from explorer.labs.isolation.trace import Failure, Ran
from explorer.labs.isolation.verdict import Verdict
from tests.unit.desktop_arithmetic.isolation_runs import LOST_UPDATE, MS, aborted, blocked, reads, retried, trace


def verdict(*, happened: bool, before: bool = False) -> Verdict:
    title = "Happened" if happened else "Prevented"
    return Verdict(happened, (), (), title, "", "B's 120 buried A's 150.", before)


# -- strip


def test_a_statement_that_waited_has_bars_for_both() -> None:
    drawn = strip(aborted(), ("A", "B"), 0)
    of_four = [bar for bar in drawn.bars if bar.sent == 3]
    assert [(bar.begin // MS, bar.end // MS, bar.waits, bar.label) for bar in of_four] == [
        (6, 7, False, ""), (7, 647, True, "4"), (647, 648, False, "")
    ]  # fmt: skip
    assert [bar.failed for bar in of_four] == [False, False, True]
    assert drawn.releases == (Release(647 * MS, 4, 3),)
    assert drawn.origin == 0


def test_what_goes_on_is_drawn_until_now() -> None:
    bars = strip(blocked(), ("A", "B"), 100 * MS).bars
    assert (bars[-1].end, bars[-1].waits) == (100 * MS, True)
    assert strip(trace([], 0), ("A", "B"), 0).bars == ()


def test_the_axis_goes_on_and_on() -> None:
    axis = strip(aborted(), ("A", "B"), 0).axis
    assert list(axis.places) == sorted(axis.places)
    assert axis.place(0) == 0.0
    assert axis.place(651 * MS) == pytest.approx(1.0)
    assert axis.place(-5) == 0.0
    assert axis.place(10**12) == pytest.approx(1.0)
    wait = axis.place(646 * MS) - axis.place(7 * MS)
    statement = axis.place(MS) - axis.place(0)
    assert 1.2 * statement < wait < 5 * statement, "by its logarithm"
    pause = axis.place(2 * MS) - axis.place(MS)
    assert pause == pytest.approx(statement / 2), "nobody does anything"


def test_ticks_keep_apart() -> None:
    ticks = Axis((0, 1, 2, 3, 4), (0.0, 0.05, 0.3, 0.95, 1.0)).ticks(0.1)
    assert ticks == [(0, 0.0), (2, 0.3), (4, 1.0)]


# -- graph

NODES = (Node(0, "A", "A", "committed"), Node(1, "B", "B", "aborted"))


def test_edges_of_one_kind_of_line_share_an_arrow() -> None:
    wr, ww = Edge("wr", 0, 1, "Ann", (0, 1)), Edge("ww", 0, 1, "Ann", (0, 3))
    refused_one = Edge("rw", 1, 0, "Ann", (1, 2), refused=True)
    drawn = picture(Graph(NODES, (wr, ww, refused_one)))
    assert [(arrow.first, arrow.second, arrow.words, arrow.tone) for arrow in drawn.arrows] == [
        (0, 1, ("wr · read its write", "ww · overwrites"), "plain"), (1, 0, ("rw · read first",), "refused")
    ]  # fmt: skip
    assert "B overwrote what A wrote (Ann)." in drawn.text
    assert "B read what A overwrote (Ann), but that was refused." in drawn.text


def test_a_circle_is_said() -> None:
    there, back = Edge("rw", 0, 1, "", (0, 3)), Edge("rw", 1, 0, "", (1, 2))
    drawn = picture(Graph(NODES, (there, back), (there, back)))
    assert {arrow.tone for arrow in drawn.arrows} == {"cycle"}
    assert drawn.text.endswith("It is a circle: there is no order of these transactions that explains it.")
    assert picture(Graph()).text == "Nobody depends on anybody."


@pytest.mark.parametrize("count", range(1, 8))
def test_nodes_keep_apart(count: int) -> None:
    found = places(count)
    assert len(found) == count
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in found)
    apart = [math.dist(one, other) for at, one in enumerate(found) for other in found[at + 1 :]]
    assert not apart or min(apart) > 0.3


# -- final tables


def test_what_no_serial_order_leaves_is_marked() -> None:
    lost = aborted()
    lost.ended, lost.final = {"A": "committed", "B": "committed"}, {"account": (("Ann", 120),)}
    lost.ran = reads()
    (one,) = finals(LOST_UPDATE, lost)
    assert (one.fits, one.serial, one.changed) == (False, ("170",), frozenset({(0, 1)}))


def test_who_was_aborted_has_not_done_its_part_yet() -> None:
    (one,) = finals(LOST_UPDATE, aborted())
    assert (one.fits, one.serial) == (None, ("170 with B's retry",))
    (one,) = finals(LOST_UPDATE, retried())
    assert (one.fits, one.serial) == (True, ("170",))


# -- marks and levels


def test_what_shows_nothing_is_neither() -> None:
    assert outcome(verdict(happened=True), aborted()) == HAPPENED
    assert outcome(verdict(happened=False), aborted()) == PREVENTED
    assert outcome(verdict(happened=False, before=True), blocked()) == OPEN
    wrong = Ran(0, 0, "A", "SELEC", 0, ended=1, state="failed", failure=Failure("42601", "other", "syntax error"))
    assert outcome(verdict(happened=False), trace([wrong], 1)) == OPEN
    assert outcome(verdict(happened=False), trace([], 0, stuck="A waits for B.")) == OPEN


def test_the_next_weaker_level_is_measured_beside() -> None:
    levels = ("AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ")
    assert neighbour(levels, "REPEATABLE READ") == "READ COMMITTED"
    assert neighbour(levels, "READ COMMITTED") == "REPEATABLE READ"
    assert neighbour(levels, "AUTOCOMMIT") == ""
    assert neighbour(("AUTOCOMMIT", "DEFERRED"), "DEFERRED") == ""
    assert near((*levels, "SERIALIZABLE"), "REPEATABLE READ") == ("READ COMMITTED", "SERIALIZABLE")
    assert near((*levels, "SERIALIZABLE"), "READ COMMITTED") == ("REPEATABLE READ", "SERIALIZABLE")


def test_the_nearest_level_with_another_outcome_is_offered() -> None:
    levels = ("AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
    known = {
        ("P4", "AUTOCOMMIT"): verdict(happened=True),
        ("P4", "READ COMMITTED"): verdict(happened=True),
        ("P4", "REPEATABLE READ"): verdict(happened=False),
        ("P4", "SERIALIZABLE"): verdict(happened=False),
    }
    assert other_level(known, "P4", "REPEATABLE READ", levels) == "READ COMMITTED"
    assert other_level(known, "P4", "READ COMMITTED", levels) == "REPEATABLE READ"
    assert unlike(known, "P4", "REPEATABLE READ", "READ COMMITTED")
    assert not unlike(known, "P4", "REPEATABLE READ", "REPEATABLE READ")
    assert not unlike({("P4", "SERIALIZABLE"): verdict(happened=False)}, "P4", "SERIALIZABLE", "READ COMMITTED")
    assert other_level({("P4", "SERIALIZABLE"): verdict(happened=False)}, "P4", "SERIALIZABLE", levels) == ""
    run = aborted()
    run.number = (120,)
    words = sentence(LOST_UPDATE, "READ COMMITTED", verdict(happened=True), run)
    assert words == "At READ COMMITTED the same six steps end with 120. B's 120 buried A's 150."


# -- a server


def test_an_address_is_one_or_says_what_is_wrong() -> None:
    assert refused("postgresql://lab@db.example:5432/shop") == ""
    assert refused("mysql://root@127.0.0.1") == ""
    assert "Write the address" in refused("  ")
    assert "must begin with postgresql://" in refused("http://db.example")
    assert "names no host" in refused("postgresql:///shop")
    assert "no address" in refused("postgresql://host:port/x")


def test_a_password_is_put_in_and_escaped() -> None:
    url = joined("postgresql://lab@db.example:5432/shop", "p@ss/word")
    assert url == "postgresql://lab:p%40ss%2Fword@db.example:5432/shop"
    assert joined("postgresql://lab:old@db.example/shop", "new") == "postgresql://lab:new@db.example/shop"
    assert joined("postgresql://lab@db.example", "") == "postgresql://lab@db.example"


def test_a_password_within_an_address_is_taken_out_of_it() -> None:
    address, password = parted("postgresql://lab:p%40ss%2Fword@db.example:5432/shop")
    assert (address, password) == ("postgresql://lab@db.example:5432/shop", "p@ss/word")
    assert joined(address, password) == "postgresql://lab:p%40ss%2Fword@db.example:5432/shop"
    for plain in ("postgresql://lab@db.example/shop", "no address", "http://[broken"):
        assert parted(plain) == (plain, "")
