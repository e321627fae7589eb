"""The graph of a run: what each edge rests on, what an abort cuts, and that nothing is claimed that is not known."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.labs.isolation import library
from explorer.labs.isolation.dependencies import UNKNOWN, graph, old_versions
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.replay import Copies
from explorer.labs.isolation.schedule import Condition, Schedule, Session, Step, Table
from explorer.labs.isolation.trace import Failure
from tests.unit.labs.isolation.runs import Story, autocommit, recorded

SHIPPED = library.shipped()
RECORDED = recorded()
PG, DELETE, WAL, MARIA = "postgresql", "sqlite delete", "sqlite wal", "mariadb"
REFUSED = Failure("40001", "serialization", "could not serialize access due to concurrent update", poisons=True)


def edges(found: Graph) -> str:
    """Such as "rw B>A, ww A>B refused"."""
    labels = {node.transaction: node.label for node in found.nodes}
    words = (
        f"{edge.kind} {labels[edge.first]}>{labels[edge.second]}" + (" refused" if edge.refused else "")
        for edge in found.edges
    )
    return ", ".join(sorted(words))


@pytest.mark.parametrize(
    ("run", "known", "sentence"),
    [
        (
            (PG, "P4", "READ COMMITTED"), "rw B>A, ww A>B",
            "B read before A wrote, and then wrote over it: no order of the two gives this.",
        ),
        (
            (PG, "P4", "REPEATABLE READ"), "rw B>A, ww A>B refused",
            "The circle would be closed by B's write. The abort cuts it: what remains has an order.",
        ),
        (
            (PG, "G2-item", "REPEATABLE READ"), "rw A>B, rw B>A",
            "A read what B then wrote, and B read what A then wrote: no order of the two gives this.",
        ),
        (
            (PG, "G2-item", "SERIALIZABLE"), "rw A>B refused, rw B>A",
            "The circle would be closed by B's write. The abort cuts it: what remains has an order.",
        ),
        (
            (PG, "G-single", "READ COMMITTED"), "rw A>B, wr B>A",
            "One part of what A read shows what B wrote, another does not: no order of the two gives this.",
        ),
        (
            (PG, "G-single", "REPEATABLE READ"), "rw A>B",
            "It is as if they had run one after the other: A, B.",
        ),
        (
            # The DELETE found Bob by its snapshot and left him alone as he was by then: it saw A's change, and did not.
            (PG, "PMP-write", "READ COMMITTED"), "rw B>A, wr A>B",
            "One part of what B read shows what A wrote, another does not: no order of the two gives this.",
        ),
        (
            (PG, "PMP", "READ COMMITTED"), "rw A>B, wr B>A",
            "One part of what A read shows what B wrote, another does not: no order of the two gives this.",
        ),
        (
            (PG, "G-single-write", "REPEATABLE READ"), "rw A>B, ww B>A refused",
            "The circle would be closed by A's write. The abort cuts it: what remains has an order.",
        ),
        (
            # What C had read is what A's UPDATE would have changed: without that edge there was nothing to refuse.
            (PG, "G2-three", "SERIALIZABLE"), "rw A>B, rw C>A refused, wr B>C",
            "The circle would be closed by A's write. The abort cuts it: what remains has an order.",
        ),
        (
            (PG, "retry", "REPEATABLE READ"), "rw B>A, wr A>B′, ww A>B refused, ww A>B′",
            "The circle would be closed by B's write. The abort cuts it: what remains has an order.",
        ),
        (
            (PG, "version_column", "READ COMMITTED"), "rw B>A, wr A>B, wr A>B′, ww A>B′",
            "It is as if they had run one after the other: A, B′.",
        ),
        ((PG, "for_update", "READ COMMITTED"), "wr A>B, ww A>B", "It is as if they had run one after the other: A, B."),
        ((DELETE, "G1a", "READ UNCOMMITTED"), "wr A>B", "B read what A then took back."),
        (
            (DELETE, "P4", "DEFERRED"), "rw B>A, ww A>B refused",
            "The circle would be closed by B's write. Its refusal cuts it: what remains has an order.",
        ),
        ((DELETE, "P4", "IMMEDIATE"), "wr A>B, ww A>B", "It is as if they had run one after the other: A, B."),
        (
            (MARIA, "PMP-write", "REPEATABLE READ"), "rw B>A, wr A>B, ww A>B",
            "One part of what B read shows what A wrote, another does not: no order of the two gives this.",
        ),
        (
            (MARIA, "OTV", "READ UNCOMMITTED"), "rw C>B, wr A>C, wr B>C, ww A>B",
            "One part of what C read shows what B wrote, another does not: no order of the two gives this.",
        ),
        (
            (MARIA, "version_column", "REPEATABLE READ"), "rw B>A, wr A>B, wr A>B′, ww A>B′",
            "It is as if they had run one after the other: A, B′.",
        ),
        ((WAL, "PMP", "DEFERRED"), "rw A>B", "It is as if they had run one after the other: A, B."),
    ],
)  # fmt: skip
def test_the_graph_of_what_was_measured(run: tuple[str, str, str], known: str, sentence: str) -> None:
    found = graph(SHIPPED[run[1]], RECORDED[run])
    assert edges(found) == known
    assert found.sentence == sentence
    assert bool(found.cycle) is sentence.endswith("gives this.")
    assert not any(edge.refused for edge in found.cycle)


def test_a_circle_of_another_anomaly_is_said_to_be_one() -> None:
    found = graph(SHIPPED["PMP"], RECORDED[PG, "PMP", "READ COMMITTED"])
    assert found.told(happened=True) == found.sentence
    assert (
        found.told(happened=False) == f"{found.sentence} It is an anomaly, but another one than this scenario is about."
    )
    ordered = graph(SHIPPED["G-single"], RECORDED[PG, "G-single", "REPEATABLE READ"])
    assert ordered.told(happened=False) == ordered.sentence


def test_every_recorded_run_is_understood() -> None:
    for run, trace in RECORDED.items():
        found = graph(SHIPPED[run[1]], trace)
        assert found.sentence != UNKNOWN, run
        numbers = {node.transaction for node in found.nodes}
        assert all({edge.first, edge.second} <= numbers for edge in found.edges), run
        # What a worker was given by SKIP LOCKED depends on locks, which are no part of what there was to see.
        assert ("cannot be told" in found.sentence) is (run[1] == "skip_locked"), run


def test_an_edge_names_its_rows_and_its_statements() -> None:
    found = graph(SHIPPED["P4"], RECORDED[PG, "P4", "REPEATABLE READ"])
    rw, ww = sorted(found.edges, key=lambda edge: edge.kind)
    assert (rw.about, rw.statements, ww.about, ww.statements) == ("account Ann", (1, 2), "account Ann", (2, 3))
    assert [(node.label, node.ended) for node in found.nodes] == [("A", "committed"), ("B", "aborted")]
    found = graph(SHIPPED["OTV"], RECORDED[PG, "OTV", "READ COMMITTED"])
    assert {edge.about for edge in found.edges if edge.kind != "ww"} == {"rows of account"}


def test_a_retry_is_a_transaction_of_its_own() -> None:
    found = graph(SHIPPED["retry"], RECORDED[PG, "retry", "REPEATABLE READ"])
    assert [(node.label, node.session, node.ended) for node in found.nodes] == [
        ("A", "A", "committed"), ("B", "B", "aborted"), ("B′", "B", "committed")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("run", "old"),
    [
        ((PG, "G1a", "READ COMMITTED"), {1: ((1000,),)}),
        ((PG, "G-single", "REPEATABLE READ"), {4: ((250,),)}),
        ((PG, "G-single", "READ COMMITTED"), {}),
        ((PG, "for_update", "READ COMMITTED"), {}),
        ((PG, "PMP-write", "READ COMMITTED"), {2: None}),  # the DELETE
        ((DELETE, "P4", "IMMEDIATE"), {}),
        ((WAL, "PMP", "DEFERRED"), {3: (("Cleo",),)}),
    ],
)
def test_reads_of_old_versions_are_known_with_what_the_newest_would_have_been(
    run: tuple[str, str, str], old: dict[int, object]
) -> None:
    found = old_versions(SHIPPED[run[1]], RECORDED[run])
    assert {number: one.newest for number, one in found.items()} == old


def test_the_edges_are_there_before_the_end() -> None:
    story = Story(SHIPPED["P4"], "REPEATABLE READ", "postgresql").did(1, ((100,),)).did(2, ((100,),))
    assert edges(graph(story.schedule, story.trace)) == ""
    story.did(3, count=1, sql="UPDATE account SET balance = 150 WHERE owner = 'Ann'")
    found = graph(story.schedule, story.trace)
    assert (edges(found), found.sentence) == ("rw B>A", "No circle so far.")
    assert {node.ended for node in found.nodes} == {"open"}
    story.did(4, sql="UPDATE account SET balance = 120 WHERE owner = 'Ann'", by="A", until=4, failure=REFUSED).did(5)
    assert edges(graph(story.schedule, story.trace)) == "rw B>A, ww A>B refused"


def test_a_dirty_read_of_the_first_of_two_writes_is_found() -> None:
    story = Story(SHIPPED["G1b"], "READ UNCOMMITTED", "mariadb").did(1, count=1).did(2, ((1000,),)).did(3, count=1)
    story.did(4).did(5, ((110,),)).did(6)
    found = graph(story.schedule, story.over({"account": (("Ann", 110), ("Bob", 200))}, A="committed", B="committed"))
    assert edges(found) == "rw B>A, wr A>B"
    assert found.cycle


def test_a_snapshot_is_tried_before_a_dirty_read_that_would_fit_as_well() -> None:
    steps = (
        Step("A", "SELECT count(*) FROM account"), Step("B", "UPDATE account SET balance = 5"), Step("B", "COMMIT"),
        Step("C", "UPDATE account SET balance = 100"), Step("A", "SELECT balance FROM account"), Step("A", "COMMIT"),
    )  # fmt: skip
    schedule = replace(SHIPPED["P4"], steps=steps, sessions=tuple(Session(name, "") for name in "ABC"))
    story = Story(schedule, "REPEATABLE READ", "postgresql").did(1, ((1,),)).did(2, count=1).did(3).did(4, count=1)
    story.did(5, ((100,),)).did(6)
    assert edges(graph(schedule, story.trace)) == "rw A>B, ww B>C"


def test_rows_that_no_set_of_writes_gives_make_no_edge() -> None:
    story = (
        Story(SHIPPED["P4"], "READ COMMITTED", "postgresql")
        .did(1, ((7,),))
        .did(3, count=1, sql="UPDATE account SET balance = 150")
    )
    story.did(5)
    found = graph(story.schedule, story.over({"account": (("Ann", 150),)}, A="committed"))
    assert (edges(found), found.sentence) == (
        "", "What some statements had seen cannot be told, so no order is claimed.",
    )  # fmt: skip


def test_where_the_writes_do_not_lead_to_the_tables_nothing_is_claimed() -> None:
    trace = autocommit(SHIPPED["P4"])
    trace.final = {"account": (("Ann", 121),)}
    found = graph(SHIPPED["P4"], trace)
    assert (found.edges, found.cycle, found.sentence) == ((), (), UNKNOWN)
    assert old_versions(SHIPPED["P4"], trace) == {}


def test_a_write_that_sqlite_does_not_know_stops_all_claims() -> None:
    story = Story(SHIPPED["P4"], "READ COMMITTED", "mariadb")
    story.did(3, count=1, sql="UPDATE account SET balance = GREATEST_OF_ALL(balance, 150)").did(4, count=1)
    assert graph(story.schedule, story.trace).sentence == UNKNOWN


def test_a_query_without_an_end_is_given_up() -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n, account"
    with Copies(SHIPPED["P4"], "postgresql") as copies:
        assert copies.read(endless, copies.initial) is None
        assert copies.read("SELECT balance FROM account", copies.initial) == ((100,),)


@pytest.mark.parametrize(
    ("engine", "sql", "rows"),
    [
        ("postgresql", "SELECT owner FROM account WHERE balance % 3 = 1 FOR UPDATE", (("Ann",),)),
        ("postgresql", "SELECT owner FROM account ORDER BY owner LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED", (("Ann",),)),
        ("mariadb", "SELECT owner FROM account LOCK IN SHARE MODE", (("Ann",),)),
        ("mysql", "SELECT owner FROM account WHERE owner = 'ANN' FOR SHARE NOWAIT", (("Ann",),)),
        ("postgresql", "SELECT owner FROM account WHERE owner = 'ANN'", ()),
        ("postgresql", "SELECT 'FOR UPDATE' FROM account", (("FOR UPDATE",),)),
        ("mariadb", "SELECT 7 FROM DUAL WHERE 1 = 1", ((7,),)),
    ],
)
def test_words_about_locks_are_taken_out_for_sqlite(engine: str, sql: str, rows: object) -> None:
    with Copies(SHIPPED["P4"], engine) as copies:
        assert copies.read(sql, copies.initial) == rows


def test_an_update_that_changes_nothing_still_counts_its_rows() -> None:
    with Copies(SHIPPED["P4"], "postgresql") as copies:
        changes = copies.write("UPDATE account SET balance = balance", copies.initial)
        assert changes is not None
        assert (changes.count, dict(changes.rows)) == (1, {("account", "Ann"): ("Ann", 100)})
        gone = copies.write("DELETE FROM account", copies.initial)
        assert gone is not None
        assert dict(gone.rows) == {("account", "Ann"): None}


STATEMENTS = st.sampled_from(
    [
        "SELECT v FROM t WHERE k = 1", "SELECT k FROM t WHERE v > 15", "SELECT count(*) FROM t",
        "UPDATE t SET v = v + 7 WHERE k = 1", "UPDATE t SET v = 12 WHERE v > 15", "DELETE FROM t WHERE v = 12",
        "INSERT INTO t SELECT max(k) + 1, 16 FROM t", "UPDATE t SET v = v - 1",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(STATEMENTS, min_size=1, max_size=3), st.lists(STATEMENTS, min_size=1, max_size=3))
def test_transactions_that_ran_one_after_the_other_never_make_a_circle(first: list[str], second: list[str]) -> None:
    steps = [Step("A", sql) for sql in first] + [Step("B", sql) for sql in second]
    schedule = Schedule(
        "x", "x", "", "", (Table("t", ("k integer", "v integer"), ((1, 10), (2, 20))),),
        (Session("A", ""), Session("B", "")), tuple(steps), (Condition(committed=("A",)),),
    )  # fmt: skip
    found = graph(schedule, autocommit(schedule))
    assert found.sentence != UNKNOWN
    assert not found.cycle
    labels = {node.transaction: node.label for node in found.nodes}
    assert all((labels[edge.first], labels[edge.second]) == ("A", "B") for edge in found.edges)


@settings(deadline=None, max_examples=60)
@given(st.permutations(["A", "A", "B", "B"]), st.data())
def test_a_lost_sum_is_always_a_circle(order: list[str], data: st.DataObject) -> None:
    """Both read, both add their own: of all interleavings exactly those that lose a sum make a circle."""
    p4 = SHIPPED["P4"]
    own = {name: [step for step in p4.steps if step.session == name and not step.control] for name in "AB"}
    schedule = replace(p4, steps=tuple(own[name].pop(0) for name in order))
    trace = autocommit(schedule)
    lost = trace.final["account"] != (("Ann", 170),)
    assert bool(graph(schedule, trace).cycle) is lost
    assert re.fullmatch("170|150|120", str(trace.number[0]))
