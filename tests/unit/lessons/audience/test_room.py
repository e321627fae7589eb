"""What the gateway knows of phones, and what it tells them."""

import json
import math
from typing import Any

import pytest

from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.gateway.room import ALL_RATE, CALMS_S, MOST_PLACE, NEW_BURST, PLACE_RATE, Phone, Room
from tests.unit.lessons.audience.test_limits import Time


def enter(room: Room, address: str = "10.0.0.1", identity: str = "") -> tuple[str, Phone]:
    entered = room.enter(identity, address)
    assert entered is not None
    return entered


def test_numbers_begin_with_one_and_a_phone_that_comes_back_keeps_its_own() -> None:
    room = Room(Time())
    identity, first = enter(room)
    assert (first.number, enter(room)[1].number) == (1, 2)
    assert enter(room, identity=identity)[1] is first
    assert len(identity) >= 22  # 128 bits


def test_an_identity_is_worth_nothing_at_another_address() -> None:
    room = Room(Time())
    identity, first = enter(room)
    assert room.find(identity, "10.0.0.2") is None
    assert enter(room, "10.0.0.2", identity)[1] is not first
    assert room.find("", "10.0.0.1") is None


def test_a_full_room_takes_the_number_of_who_has_been_away_longest() -> None:
    time = Time()
    room = Room(time, most=2)
    (old, first), (_, second) = enter(room), enter(room)
    room.listen(first, 1)
    room.listen(second, 1)
    assert room.enter("", "10.0.0.3") is None
    room.listen(first, -1)
    time.now = 5.0
    assert enter(room, "10.0.0.3")[1].number == 1
    assert room.find(old, "10.0.0.1") is None


def test_one_address_cannot_fill_the_room_at_once() -> None:
    room = Room(Time(), most=1_000)
    entered = [room.enter("", "10.0.0.9") for _ in range(500)]
    assert sum(one is not None for one in entered) == NEW_BURST
    assert room.enter("", "10.0.0.1") is not None


def test_whoever_is_too_fast_waits_and_is_told_for_how_long() -> None:
    time = Time()
    room = Room(time)
    (_, fast), (_, calm) = enter(room), enter(room)
    assert all(room.may(fast) for _ in range(5))
    assert not room.may(fast)
    assert room.own(fast)["wait"] == CALMS_S
    assert room.may(calm)
    assert room.own(calm)["wait"] == 0
    time.now = CALMS_S + 0.1
    assert room.own(fast)["wait"] == 0
    assert room.may(fast)


def test_one_address_pushes_nobody_out_however_long_it_tries() -> None:
    time = Time()
    room = Room(time, most=MOST_PLACE + 5)
    room.ask(Ballot("How many?", ("one", "two")))
    _, away = enter(room, "10.0.0.1")
    assert room.vote(away, 1)
    for _ in range(400):
        time.now += 1.0
        entered = room.enter("", "10.0.0.9")
        if entered is not None:
            room.vote(entered[1], 0)
    assert sum(phone.address == "10.0.0.9" for phone in room.phones) == MOST_PLACE
    assert away in room.phones
    assert room.counts() == [MOST_PLACE, 1]


def test_one_address_cannot_take_what_the_room_shares() -> None:
    room = Room(Time(), most=1_000)
    crowd = [enter(room, "10.0.0.9")[1] for _ in range(int(NEW_BURST))]
    taken = sum(room.may(phone) for phone in crowd for _ in range(5))
    assert taken == PLACE_RATE < ALL_RATE / 4
    others = [enter(room, f"10.0.1.{at}")[1] for at in range(int(ALL_RATE - PLACE_RATE))]
    assert all(room.may(phone) for phone in others), "who was refused has taken nothing of theirs"


def test_a_request_from_the_button_to_its_parts() -> None:
    time = Time()
    room = Room(time)
    _, phone = enter(room)
    room.serve("GET /job")
    room.sent(phone, 7)
    time.now = 0.4
    assert room.own(phone)["state"] == "sent"
    assert room.own(phone)["for"] == 0.4
    assert room.common()["flying"] == 1
    room.tell_doing({6: "running", 7: "queued"})
    assert room.own(phone)["doing"] == "queued"
    room.back(phone, 1.4, 200)
    assert room.own(phone) | {"parts": {}, "total": 1.4, "ok": True, "state": "back"} == room.own(phone)
    room.tell_parts(phone.number, 6, {"queued": 9.0})  # of an earlier one
    assert not phone.parts
    room.tell_parts(phone.number, 7, {"queued": 0.4, "blocked": 1.0})
    assert room.own(phone)["parts"] == {"queued": 0.4, "blocked": 1.0}
    assert (room.common()["fastest"], room.common()["slowest"]) == (1.4, 1.4)
    room.serve("GET /job")  # another run: its room has no slowest yet
    assert room.common()["slowest"] == 0


def test_answers_count_once_for_each_phone() -> None:
    room = Room(Time())
    phones = [enter(room)[1] for _ in range(3)]
    assert not room.vote(phones[0], 0)  # nothing is asked
    room.ask(Ballot("Which?", ("a", "b")))
    assert room.vote(phones[0], 0)
    assert room.vote(phones[0], 1)
    assert room.vote(phones[1], 1)
    assert room.counts() == [0, 2]
    room.lock()
    assert not room.vote(phones[2], 0)
    room.ask(Ballot("How many?", low=0, high=3))
    assert room.answers == []
    assert room.vote(phones[2], 1.5)
    assert room.counts() == []
    assert room.answers == [1.5]


@pytest.mark.parametrize("answer", [2, -1, True, "0", None, [], {}, 0.5, math.nan, 10**400])
def test_what_is_no_answer_to_a_choice(answer: Any) -> None:
    assert not Ballot("Which?", ("a", "b")).admits(answer)


@pytest.mark.parametrize("answer", [10.1, -0.1, math.nan, math.inf, "1", True, None, 10**400])
def test_what_is_no_answer_to_a_number(answer: Any) -> None:
    assert not Ballot("How long?", low=0, high=10).admits(answer)


def test_a_ballot_that_cannot_be_answered_is_none() -> None:
    for wrong in ({"choices": ("a",)}, {"choices": ("a",) * 5}, {"low": 1.0, "high": 1.0}):
        with pytest.raises(ValueError, match=r"ballot|number"):
            Ballot("Which?", **wrong)
    ballot = Ballot("Which?", ("a", "b"), ("", "x"))
    assert Ballot.of(json.loads(json.dumps(ballot.plain()))) == ballot


def test_what_is_told_is_small() -> None:
    room = Room(Time())
    _, phone = enter(room)
    room.ask(Ballot("x" * 200, ("a" * 30,) * 4, ("b" * 30,) * 4))
    room.figures = {"rate": [1234.56] * 40, "p50_ms": [1234.56] * 40}
    assert len(json.dumps(room.common()) + json.dumps(room.own(phone))) < 2_000
