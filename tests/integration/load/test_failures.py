"""What goes wrong on the way, and how it is counted."""

import socket
import time

from explorer.records.states import ABANDONED, NO_ANSWER
from tests.integration.load.stage import Stage


async def failed(port: int, path: str) -> dict[str, int]:
    """The failures of a burst of three to `path`, by their sentence."""
    async with Stage(port, path, mode="burst", requests=3) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert total["failed"] == 3
    assert stage.refused == ([int(path.split("/")[-1])] if "status" in path else []), "the first, once"
    assert total["latency"] == {}  # a refusal is no fast answer
    assert all(status == int(path.split("/")[-1]) if "status" in path else status == 0
               for _, _, _, status in stage.records.ended.values())  # fmt: skip
    errors: dict[str, int] = total["errors"]
    return errors


async def test_failures_are_told_apart(port: int) -> None:
    assert await failed(port, "/status/503") == {"status 503": 3}
    assert await failed(port, "/drop") == {"connection closed before the answer": 3}
    assert await failed(port, "/cut") == {"connection closed in the middle of the answer": 3}
    assert await failed(port, "/noise") == {"answer is not HTTP": 3}


async def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert await failed(unused.getsockname()[1], "/job") == {"connection refused": 3}


async def test_users_of_a_dead_server_ask_ten_times_a_second() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with Stage(unused.getsockname()[1], users=4) as stage:
            began = time.monotonic()
            stage.driver.begin()
            await stage.until(lambda: stage.tally.failed >= 12)
            assert stage.tally.sent <= 4 * ((time.monotonic() - began) / 0.1 + 1)


async def test_answers_that_close_the_connection_are_answers(port: int) -> None:
    for path in ("/close", "/eof", "/early", "/status/204", "/status/399"):
        async with Stage(port, path, users=2) as stage:
            stage.driver.begin()
            await stage.until(lambda: stage.tally.ok >= 6, path)
            assert stage.tally.failed == 0


async def test_a_stale_connection_is_replaced_silently_once(port: int) -> None:
    async with Stage(port, "/once", users=3) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 30)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == 0
    assert total["retried"] >= 12
    assert len(stage.records.begun) == total["sent"]  # a retry is the same request


async def test_a_new_connection_for_each_request(port: int) -> None:
    async with Stage(port, users=3, keep_alive=False) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 30)
        stage.driver.end()
        total = await stage.ended()
    assert total["connections"] == total["sent"]
    assert sorted(stage.records.connects) == sorted(stage.records.begun)


async def test_a_request_without_answer_times_out_and_its_user_goes_on(port: int) -> None:
    async with Stage(port, "/never", users=3, timeout=0.1) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.timed_out >= 6)
        stage.driver.end()
        total = await stage.ended()
    assert total["ok"] == total["failed"] == 0
    assert total["connections"] == total["sent"]  # the connection of a lost request cannot be used again
    durations = [end - start for _, start, end, _ in stage.records.ended.values()]
    assert min(durations[:6]) >= 100_000_000


async def test_a_request_that_waits_for_a_connection_times_out_too(port: int) -> None:
    async with Stage(port, "/never", mode="burst", requests=5, connections=1, timeout=0.1) as stage:
        stage.driver.begin()
        total = await stage.ended()
        assert total["timed_out"] == 5
        assert [status for *_, status in stage.records.ended.values()] == [NO_ANSWER] * 5
        stage.driver.send(1, "/job")  # and the pool still works
        await stage.until(lambda: stage.tally.ok == 1)


async def test_an_end_does_not_wait_for_answers_that_do_not_come(port: int) -> None:
    async with Stage(port, "/never", users=4) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.driver.client.in_flight == 4)
        stage.driver.end()
        total = await stage.ended()
    assert total["unanswered"] == 4
    # No span stays open, and none says that the server failed.
    assert [status for *_, status in stage.records.ended.values()] == [ABANDONED] * 4


async def test_what_a_change_cuts_off_has_not_failed(port: int) -> None:
    async with Stage(port, "/never", users=4) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.driver.client.in_flight == 4)
        asked = list(stage.records.begun)
        stage.driver.change({"paths": [["/echo", 1.0, "websocket"]]})
        assert [stage.records.ended[request][-1] for request in asked] == [ABANDONED] * 4
        assert stage.tally.failed == stage.tally.timed_out == 0


async def test_a_stop_closes_everything_at_once(port: int) -> None:
    async with Stage(port, "/never", users=4) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.driver.client.in_flight == 4)
        stage.driver.stop()
        assert stage.total is not None
        assert stage.total["unanswered"] == 4
        assert stage.driver.client.in_flight == 0
