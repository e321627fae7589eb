"""Runs on databases: the pool that runs dry, what is seen of it, and the password that nobody is told."""

import asyncio
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from explorer.collect.source import Array
from explorer.option_error import OptionError
from explorer.paths import release
from explorer.records.states import Kind, State, TrackKind
from explorer.session import events
from explorer.supervise.postgres.programs import find
from explorer.supervise.postgres.server import Postgres, launch
from tests.integration.session.stage import Stage, status

postgres_here = pytest.mark.skipif(
    next(find(), None) is None, reason="there is no PostgreSQL here, and no package of it"
)
DISPATCHES = ("coroutine", "blocking_coroutine", "thread_pool", "process_pool")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL with a password, as a user might have one."""
    server = launch(next(find()), tmp_path / "scratch" / "postgres")
    yield server
    server.stop()
    release(tmp_path)


def duration(spans: Array) -> int:
    """The sum of what they lasted, in ns."""
    return int((spans["end"] - spans["start"]).sum())


def waited(stage: Stage, request: int) -> int:
    """What the way of a request says that it waited for a connection, in ns."""
    pieces = stage.spans(Kind.PIECE, "waits for a connection")
    return duration(pieces[pieces["request"] == request])


@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool"])
async def test_a_dry_pool_shows_as_waits_of_the_requests_that_wait(stage: Stage, dispatch: str) -> None:
    await stage.start(
        f"dispatch.id={dispatch}", "workload.id=database", "workload.pool_size=1", "workload.seconds=0.03",
        "load.users=4",
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 25, what="answers")
    await stage.session.stop()

    waits = stage.spans(Kind.CONNECTION_WAIT)
    clients = stage.spans(Kind.CLIENT_REQUEST)
    assert status(clients) - {0} == {200}
    # One connection and four users: whoever comes waits for those before, up to three of them.
    assert len(waits) >= 20
    assert set(waits["state"].tolist()) == {State.QUEUED}
    assert {int(argument) & 0xFFFF_FFFF for argument in waits["argument"]} == {1}
    assert set(waits["request"].tolist()) <= set(clients["request"].tolist())
    kinds = {stage.tracks[number].kind for number in set(waits["track"].tolist())}
    assert kinds == {TrackKind.THREAD if dispatch == "thread_pool" else TrackKind.REQUESTS}
    for request in set(waits["request"][5:20].tolist()):
        mine = waits[waits["request"] == request]
        # What belongs to the way of a request adds up; on a loop its steps come before its waits.
        assert 0.9 * duration(mine) <= waited(stage, request) <= duration(mine)
        pieces = stage.spans(Kind.PIECE)
        pieces = pieces[pieces["request"] == request]
        assert duration(pieces) == int(pieces["end"].max() - pieces["start"].min()), "no gap, no overlap"
    counters = {track.name for track in stage.tracks.values() if track.kind is TrackKind.COUNTER}
    assert "waiting for a connection" in counters
    # At no time does more than one request hold the connection: they are as far apart as each takes.
    held = np.sort(waits["end"])
    assert np.median(np.diff(held)) >= 30_000_000


@pytest.mark.parametrize("dispatch", DISPATCHES)
async def test_statements_are_named_and_lie_in_the_way_of_their_request(stage: Stage, dispatch: str) -> None:
    await stage.start(
        f"dispatch.id={dispatch}", "workload.id=database", "workload.seconds=0.002", "load.users=2",
        *(["dispatch.processes=1"] if dispatch == "process_pool" else []),
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 10, what="answers")
    await stage.session.stop()

    state = State.AWAITING if dispatch == "coroutine" else State.BLOCKED
    requests = set(stage.spans(Kind.CLIENT_REQUEST)["request"].tolist())
    for name in ("SELECT explorer_account", "UPDATE explorer_account", "COMMIT"):
        found = stage.spans(Kind.STATEMENT, name)
        found = found[(found["state"] == state) & np.isin(found["request"], list(requests))]
        assert len(found) >= 10
        assert len(set(found["request"].tolist())) == len(found), "one of each for a request"
    assert stage.count(Kind.PIECE, "SELECT explorer_account") > 0
    assert stage.failures == {}


@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool"])
async def test_who_waits_too_long_is_answered_503_and_counts_as_failed(stage: Stage, dispatch: str) -> None:
    await stage.start(
        f"dispatch.id={dispatch}", "workload.id=database", "workload.pool_size=1", "workload.pool_timeout=0.05",
        "workload.seconds=0.4", "load.users=4",
    )  # fmt: skip
    await stage.until(lambda: stage.failures and stage.answered, what="an answer and a failure")
    await stage.session.stop()

    gone = {499}  # who was still waiting when the load ended
    assert status(stage.spans(Kind.REQUEST, "GET /job")) - gone == {200, 503}
    assert ["503" in sentence for sentence in stage.failures] == [True]
    assert stage.said(events.Died) == []


async def test_the_time_in_the_transaction_changes_live(stage: Stage) -> None:
    await stage.start("workload.id=database", "workload.seconds=30", "load.users=0")
    await stage.change("workload.seconds=0.001")
    await stage.until(lambda: stage.said(events.Applied), what="the change")

    assert await asyncio.to_thread(stage.get) == 200
    await stage.session.stop()


@postgres_here
@pytest.mark.parametrize(
    ("model", "dispatch"), [("event_loop", "coroutine"), ("event_loop", "thread_pool"), ("prefork", "process_pool")]
)
@pytest.mark.long
async def test_postgresql_sleeps_in_the_transaction(
    stage: Stage, postgres: Postgres, model: str, dispatch: str
) -> None:
    small = [f"{key}=1" for key, on in (("model.workers", "prefork"), ("dispatch.processes", "process_pool"))
             if on in (model, dispatch)]  # fmt: skip
    await stage.start(
        f"model.id={model}", f"dispatch.id={dispatch}", "workload.id=database", f"workload.url={postgres.url}",
        "workload.seconds=0.01", "load.users=2", *small,
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 10, what="answers")
    await stage.session.stop()

    slept = stage.spans(Kind.STATEMENT, "SELECT pg_sleep")
    assert len(slept) >= 10
    assert int((slept["end"] - slept["start"]).min()) >= 10_000_000
    assert stage.failures == {}


@postgres_here
@pytest.mark.parametrize("workload", ["database", "db_events"])
async def test_the_password_gets_into_nothing_that_is_kept(
    stage: Stage, postgres: Postgres, tmp_path: Path, workload: str
) -> None:
    password = postgres.url.split(":")[2].partition("@")[0]
    await stage.start("load.users=2")
    # A change of workload, so that a marker speaks of the URL as well.
    await stage.change(f"workload.id={workload}", f"workload.url={postgres.url}")
    await stage.until(lambda: stage.session.epoch == 2 and stage.answered, what="the new server")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 5, what="answers")
    saved = await stage.session.save(tmp_path / "run.cxrec")
    await stage.session.stop()

    assert stage.failures == {}
    for path in [each for each in stage.session.run.rglob("*") if each.is_file()]:
        assert password.encode() not in path.read_bytes(), path
    with zipfile.ZipFile(saved.path) as archive:
        for name in archive.namelist():
            assert password.encode() not in archive.read(name), name
        assert b"explorer:***@127.0.0.1" in archive.read("run.json")
    assert not [event for event in stage.heard if password in repr(event)]
    assert not [marker for marker in stage.markers if password in marker.text + marker.detail]


SILENT = "postgresql://me:hunter2@127.0.0.1:9/shop"
UNANSWERED = "The database at 127.0.0.1:9 does not answer (Connection refused); start it, or correct workload.url."


@pytest.mark.parametrize("workload", ["database", "db_events"])
async def test_a_server_that_does_not_answer_is_told_before_anything_starts(stage: Stage, workload: str) -> None:
    with pytest.raises(OptionError) as caught:
        await stage.start(f"workload.id={workload}", f"workload.url={SILENT}")

    assert (str(caught.value), caught.value.where) == (UNANSWERED, "workload.url")
    assert stage.session.epoch == 0


async def test_a_server_that_does_not_answer_leaves_a_run_as_it_is(stage: Stage) -> None:
    await stage.start("load.users=2", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 5, what="answers")

    with pytest.raises(OptionError) as caught:
        await stage.change("workload.id=database", f"workload.url={SILENT}")

    assert str(caught.value) == UNANSWERED
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 5, what="answers of the same server")
    assert stage.session.epoch == 1
    assert stage.failures == {}


@postgres_here
@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool"])
@pytest.mark.parametrize("workload", ["database", "db_events"])
@pytest.mark.long
async def test_a_server_that_lets_nobody_in_is_one_sentence_at_its_knob(
    stage: Stage, postgres: Postgres, workload: str, dispatch: str
) -> None:
    user, _, there = postgres.url.rpartition("@")
    wrong = f"{user.rpartition(':')[0]}:hunter2@{there}"
    with pytest.raises(OptionError, match="password authentication failed") as caught:
        await stage.start(f"dispatch.id={dispatch}", f"workload.id={workload}", f"workload.url={wrong}")

    assert caught.value.where == "workload.url"
    assert str(caught.value).startswith("The database postgresql://explorer:***@127.0.0.1:")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("workload", ["database", "db_events"])
async def test_a_file_that_cannot_be_made_is_one_sentence_at_its_knob(stage: Stage, workload: str) -> None:
    with pytest.raises(OptionError, match="unable to open database file") as caught:
        await stage.start(f"workload.id={workload}", "workload.url=sqlite:////nowhere/at/all.db")

    assert caught.value.where == "workload.url"


async def test_a_missing_driver_is_told_before_anything_starts(stage: Stage) -> None:
    with pytest.raises(OptionError, match=r"The package oracledb is missing; install with: .*"):
        await stage.start("workload.id=database", "workload.url=oracle+oracledb://me@host/shop")

    assert stage.session.epoch == 0


@pytest.mark.parametrize(
    ("dispatch", "url"),
    [
        pytest.param("coroutine", "", marks=postgres_here),
        pytest.param("process_pool", "", marks=postgres_here),
        *((dispatch, "sqlite:///{}/changes.db") for dispatch in DISPATCHES),
    ],
)
async def test_the_database_reports_the_change_to_the_request_that_made_it(
    stage: Stage, tmp_path: Path, dispatch: str, url: str
) -> None:
    small = ["dispatch.processes=1"] if dispatch == "process_pool" else []
    words = (f"dispatch.id={dispatch}", "workload.id=db_events", f"workload.url={url.format(tmp_path)}", *small)
    if dispatch == "process_pool" and url:
        with pytest.raises(OptionError, match="choose another dispatch than the process pool"):
            await stage.start(*words)
        return
    await stage.start(*words, "load.users=3")
    await stage.until(lambda: stage.answered >= 20, what="answers")
    await stage.session.stop()

    reports = stage.spans(Kind.NOTIFICATION, "database reports a change")
    requests = set(stage.spans(Kind.CLIENT_REQUEST)["request"].tolist())
    assert len(reports) >= 20
    told = reports["request"].tolist()
    assert len(set(told) & requests) >= 20
    assert len(set(told)) == len(told), "one report for each request"
    assert {stage.tracks[number].kind for number in set(reports["track"].tolist())} == {TrackKind.LOOP}
    assert stage.failures == {}
    assert bool(stage.count(Kind.STATEMENT, "SELECT pg_notify")) == (not url)


@postgres_here
@pytest.mark.long
async def test_workers_hear_of_their_own_changes_alone(stage: Stage) -> None:
    await stage.start("model.id=prefork", "dispatch.id=coroutine", "workload.id=db_events", "load.users=6")
    await stage.until(lambda: stage.answered >= 40, what="answers")
    await stage.session.stop()

    reports = stage.spans(Kind.NOTIFICATION)
    assert len(set(reports["request"].tolist())) == len(reports)
    assert stage.failures == {}


@postgres_here
async def test_when_the_database_is_gone_requests_are_answered_503(stage: Stage) -> None:
    others = psutil.Process().children(recursive=True)  # such as the server that tests of the isolation lab share
    await stage.start("dispatch.id=coroutine", "workload.id=db_events", "load.users=2")
    await stage.until(lambda: stage.answered >= 5, what="answers")
    (postgres,) = [
        one for one in psutil.Process().children(recursive=True)
        if one.name().startswith("postgres") and not one.parent().name().startswith("postgres")  # type: ignore[union-attr]  # it has one
        and one not in others
    ]  # fmt: skip
    postgres.send_signal(signal.SIGINT)
    await stage.until(lambda: stage.said(events.Died), what="the news")
    (death,) = stage.said(events.Died)
    assert (death.role, death.fatal) == ("database", False)
    assert await asyncio.to_thread(stage.get) == 503
    await stage.session.stop()


@postgres_here
def test_a_session_that_is_killed_leaves_no_postgresql(wait_until: Callable[..., None]) -> None:
    command = [sys.executable, "-m", "explorer", "run", "--workload", "db_events", "--users", "1"]
    session = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert session.stderr is not None
    while "Serving at" not in session.stderr.readline():
        assert session.poll() is None
    family = psutil.Process(session.pid).children(recursive=True)
    assert [one for one in family if one.name().startswith("postgres")]

    os.kill(session.pid, signal.SIGKILL)
    session.communicate()

    psutil.wait_procs(family, 20)
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []


@postgres_here
async def test_a_bank_on_the_runs_own_server_tells_where_transactions_were_aborted(stage: Stage) -> None:
    await stage.start(
        "dispatch.id=coroutine", "workload.id=bank_transfer", "workload.url=embedded", "workload.level=SERIALIZABLE",
        "workload.accounts=2", "workload.retries=500", "workload.ordered=true", "load.users=4",
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 25, what="answers")
    await stage.change("load.users=0")
    await stage.until(
        lambda: sum(event["sent"] - event["ok"] - event["failed"] for event in stage.log("load")) == 0, what="the last"
    )
    assert await asyncio.to_thread(stage.get, "/job?figures=true") == 200
    await stage.session.stop()

    names = stage.names | {0: ""}
    counters = {track.number: track.name for track in stage.tracks.values() if track.kind is TrackKind.COUNTER}
    last = {
        counters[int(sample["track"])]: float(sample["value"])
        for batch in stage.batches
        for sample in batch.samples
        if int(sample["track"]) in counters
    }
    assert last["transfers committed"] >= 25
    assert last["transfers in the journal"] == last["transfers committed"]
    assert (last["money in the bank"], last["money missing"], last["money misplaced"]) == (2000, 0, 0)
    aborted = {name.removeprefix("aborted: "): count for name, count in last.items() if name.startswith("aborted: ")}
    assert aborted["40001"] == last["transfers retried"] + last["transfers given up"]
    for code, count in aborted.items():
        failed = [span for span in stage.spans(Kind.STATEMENT) if names[int(span["argument"]) & 0xFFFF_FFFF] == code]
        assert len(failed) == count, "each is a statement on the timeline"
        assert all(names[int(span["name"])].endswith(f" failed: {code}") for span in failed)
        assert set(names.values()) >= {f"UPDATE explorer_bank_account failed: {code}"}
    assert stage.count(Kind.STATEMENT, "BEGIN") == sum(aborted.values()) + last["transfers committed"] + stage.count(
        Kind.STATEMENT, "SELECT explorer_bank_run"
    ), "one for each attempt, one for each audit; making the tables asks for the run as well"
