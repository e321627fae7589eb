"""The gateway leaves a run: no phone waits for an answer that nobody will bring."""

from typing import Any

from explorer.lessons.audience.gateway.process import Gateway
from explorer.lessons.audience.gateway.room import BACK, SENT, Room
from tests.unit.lessons.audience.test_limits import Time


class Way:
    """A way to a server whose request was put off before its first step."""

    def send(self, number: int) -> int:
        return 7

    async def close(self) -> None:
        return


async def test_who_had_just_pressed_is_back_without_an_answer_and_may_press_again() -> None:
    channel: Any = None
    gateway = Gateway(channel, {})
    gateway._room = Room(Time())
    way: Any = Way()
    gateway._forwarder = way
    entered = gateway._room.enter("", "10.0.0.1")
    assert entered is not None
    _, phone = entered
    assert gateway._send(phone)
    assert phone.state == SENT
    await gateway._leave()
    assert (phone.state, phone.status) == (BACK, 0)
    assert not gateway._send(phone), "there is nowhere to send it to"
    assert phone.state == BACK
