"""One value for each event loop, changed on the loop's own thread."""

import asyncio
import threading
from collections.abc import Callable

from explorer.server.loops import PerLoop


def test_a_change_is_made_on_the_thread_of_each_loop(wait_until: Callable[..., None]) -> None:
    values: PerLoop[list[int]] = PerLoop()
    own: dict[str, list[int]] = {}
    stop = threading.Event()

    def serve(name: str) -> None:
        async def main() -> None:
            own[name] = []
            values.add(own[name])
            while not stop.is_set():
                await asyncio.sleep(0.001)

        asyncio.run(main())

    threads = [threading.Thread(target=serve, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(own) == 2)
    idents = {thread.ident for thread in threads}
    values.each(lambda value: value.append(threading.get_ident()))
    wait_until(lambda: all(own.values()))
    stop.set()
    for thread in threads:
        thread.join()
    assert {value[0] for value in own.values()} == idents


def test_of_the_running_loop_it_is_changed_at_once_and_a_closed_one_is_left_alone() -> None:
    values: PerLoop[list[int]] = PerLoop()
    over = asyncio.new_event_loop()

    async def add(value: list[int]) -> None:
        values.add(value)

    gone: list[int] = []
    over.run_until_complete(add(gone))
    over.close()

    async def main() -> list[int]:
        value: list[int] = []
        values.add(value)
        values.each(lambda each: each.append(1))
        return value

    assert asyncio.run(main()) == [1]
    assert gone == []
