"""All that the gateway knows: the phones, what each is at, the ballot, the figures. In memory, and bounded.

A phone is a random identity together with the address it came from. It has the lowest number that nobody had; once all
are given, that of the phone which has been away for the longest.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.gateway.limits import Clock, Limiter
from explorer.records.phones import MOST

RATE: Final = 5.0
"""Requests and votes a second that a phone may send."""
BURST: Final = 5.0
NEW_RATE: Final = 2.0
"""Phones a second that may come in from one address, behind which there may be several."""
NEW_BURST: Final = 40.0
"""A class behind one address comes in at once; a device that makes itself up as many phones soon has to wait."""
MOST_PLACE: Final = 120
"""Phones of one address, which may be a class behind one; never so many that others find the room full."""
PLACE_RATE: Final = 40.0
"""Requests and votes a second of one address, however many phones it says that it is: a fifth of what all may."""
ALL_RATE: Final = 200.0
"""Requests a second of all phones together."""
CALMS_S: Final = 2.0
"""Whoever was too fast is to wait for at least so long: the page says it, and people read slowly."""
IDENTITY_BYTES: Final = 16
NOT_SENT: Final = "Nothing runs at the moment. Your button wakes up with the next run."

READY, SENT, BACK = "ready", "sent", "back"


@dataclass(slots=True)
class Phone:
    """What is known of one phone. Times are seconds of the room's clock."""

    number: int
    address: str
    state: str = READY
    request: int = 0
    doing: str = ""
    since: float = 0.0
    total_s: float = 0.0
    status: int = 0
    parts: Mapping[str, float] = field(default_factory=dict)
    answer: int | float | None = None
    streams: int = 0
    seen: float = 0.0


class Room:
    """The phones and what they are told. `changed` is called after everything that others should hear of soon."""

    def __init__(self, clock: Clock, changed: Callable[[], object] = lambda: None, most: int = MOST) -> None:
        self._clock = clock
        self._changed = changed
        self._most = most
        self._phones: dict[str, Phone] = {}
        self._each = Limiter(RATE, BURST, clock)
        self._new = Limiter(NEW_RATE, NEW_BURST, clock)
        self._place = Limiter(PLACE_RATE, PLACE_RATE, clock)
        self._all = Limiter(ALL_RATE, ALL_RATE, clock)
        self._waits: dict[int, float] = {}  # until when a phone that was too fast waits, by number
        self.title = ""
        """What a phone sends, "GET /job"; empty while there is nothing to send it to."""
        self.why = NOT_SENT
        """Why there is nothing to send."""
        self.ballot: Ballot | None = None
        self.locked = False
        self.figures: Mapping[str, Any] = {}
        self._fastest = self._slowest = 0.0

    # -- phones ----------------------------------------------------------------------------------------------------

    @property
    def phones(self) -> list[Phone]:
        """All that are known."""
        return list(self._phones.values())

    @property
    def here(self) -> int:
        """How many listen now."""
        return sum(1 for phone in self._phones.values() if phone.streams)

    def enter(self, identity: str, address: str) -> tuple[str, Phone] | None:
        """The phone of this identity and address, or else a new one, with its identity; None while the room is full."""
        known = self.find(identity, address)
        if known is not None:
            return identity, known
        number = 0 if self._new.take(address) else self._free_number(address)
        if not number:
            return None
        identity = secrets.token_urlsafe(IDENTITY_BYTES)
        phone = self._phones[identity] = Phone(number, address, seen=self._clock())
        return identity, phone

    def find(self, identity: str, address: str) -> Phone | None:
        """The phone of this identity, if it comes from the address that it had."""
        phone = self._phones.get(identity)
        if phone is None or phone.address != address:
            return None
        phone.seen = self._clock()
        return phone

    def listen(self, phone: Phone, step: int) -> None:
        """A stream to this phone has begun (1) or ended (-1)."""
        phone.streams += step
        phone.seen = self._clock()
        self._changed()

    def _free_number(self, address: str) -> int:
        """A number that nobody has, or that of a phone which is away: one of this address, or one that has no vote."""
        crowd = sum(phone.address == address for phone in self._phones.values()) >= MOST_PLACE
        taken = {phone.number for phone in self._phones.values()}
        free = next((number for number in range(1, self._most + 1) if number not in taken), 0)
        if free and not crowd:
            return free
        away = [
            (identity, phone)
            for identity, phone in self._phones.items()
            if not phone.streams
            and phone.state != SENT
            and (phone.address == address or (phone.answer is None and not crowd))
        ]
        if not away:
            return 0
        identity, phone = min(away, key=lambda item: item[1].seen)
        del self._phones[identity]
        return phone.number

    # -- requests --------------------------------------------------------------------------------------------------

    def may(self, phone: Phone) -> bool:
        """Whether the phone may do something now. If not it waits, and is told so."""
        now = self._clock()
        if self._waits.get(phone.number, 0.0) > now:
            return False
        # The next is asked only where the one before allows it: who is refused takes nothing of what all share.
        wait = self._each.take(phone.number) or self._place.take(phone.address) or self._all.take(None)
        if wait:
            self._waits[phone.number] = now + max(wait, CALMS_S)
            self._changed()
        return not wait

    def sent(self, phone: Phone, request: int) -> None:
        """Its request is on its way."""
        phone.state, phone.request, phone.since = SENT, request, self._clock()
        phone.parts, phone.doing = {}, ""
        self._changed()

    def back(self, phone: Phone, total_s: float, status: int) -> None:
        """Its request is back, after `total_s`; `status` 0: without an answer."""
        phone.state, phone.total_s, phone.status = BACK, total_s, status
        if 0 < status < 400:
            self._fastest = min(self._fastest, total_s) if self._fastest else total_s
            self._slowest = max(self._slowest, total_s)
        self._changed()

    def tell_parts(self, number: int, request: int, parts: Mapping[str, float]) -> None:
        """Where the time of a phone's latest request went: seconds by state."""
        for phone in self._phones.values():
            if phone.number == number and phone.request == request:
                phone.parts = dict(parts)
                self._changed()

    def tell_doing(self, doing: Mapping[int, str]) -> None:
        """In which state requests that are under way are now, by their number."""
        for phone in self._phones.values():
            if phone.state == SENT and phone.request in doing and phone.doing != doing[phone.request]:
                phone.doing = doing[phone.request]
                self._changed()

    def serve(self, title: str, why: str = NOT_SENT) -> None:
        """There is something to send requests to from now on, or with an empty title nothing any more."""
        self.title, self.why = title, why
        self._fastest = self._slowest = 0.0
        self._changed()

    # -- the ballot ------------------------------------------------------------------------------------------------

    def ask(self, ballot: Ballot | None) -> None:
        """Ask this from now on; nobody has answered it yet. None: ask nothing."""
        self.ballot, self.locked = ballot, False
        for phone in self._phones.values():
            phone.answer = None
        self._changed()

    def lock(self) -> None:
        """Votes stay as they are."""
        self.locked = True
        self._changed()

    def vote(self, phone: Phone, answer: object) -> bool:
        """Take a phone's answer in place of the one that it may have given; whether it counts."""
        if self.ballot is None or self.locked or not self.ballot.admits(answer):
            return False
        assert isinstance(answer, int | float)
        phone.answer = answer
        self._changed()
        return True

    @property
    def answers(self) -> list[int | float]:
        """All votes."""
        return [phone.answer for phone in self._phones.values() if phone.answer is not None]

    def counts(self) -> list[int]:
        """How many chose each; empty where a number is asked for."""
        answers = self.answers
        choices = self.ballot.choices if self.ballot is not None else ()
        return [sum(1 for answer in answers if answer == at) for at in range(len(choices))]

    # -- what is told ----------------------------------------------------------------------------------------------

    def common(self) -> dict[str, Any]:
        """What all phones are told."""
        flying = sum(1 for phone in self._phones.values() if phone.state == SENT)
        ballot = None
        if self.ballot is not None:
            ballot = self.ballot.plain() | {"open": not self.locked, "votes": len(self.answers)}
        return {
            "phones": self.here,
            "flying": flying,
            "title": self.title,
            "why": self.why,
            "fastest": round(self._fastest, 4),
            "slowest": round(self._slowest, 4),
            "ballot": ballot,
            "figures": self.figures,
        }

    def own(self, phone: Phone) -> dict[str, Any]:
        """What one phone is told of itself."""
        now = self._clock()
        return {
            "number": phone.number,
            "state": phone.state,
            "doing": phone.doing,
            "for": round(now - phone.since, 3) if phone.state == SENT else 0.0,
            "total": round(phone.total_s, 4),
            "ok": 0 < phone.status < 400,
            "status": phone.status,
            "parts": phone.parts,
            "answer": phone.answer,
            "wait": round(max(0.0, self._waits.get(phone.number, 0.0) - now), 1),
        }
