"""What a transfer is told, and what it comes to. Both go to other processes and back."""

import hashlib
import random
from dataclasses import dataclass, field

from explorer.server.engines import Pool

BEGINNING = 1000
"""What is in each account in the beginning."""
OWNER = 16
"""So many characters of a token say whose the tables are, the others which experiment of this owner's."""


def owner_of(run: str) -> str:
    """How all tokens of a run begin; `run` is its folder."""
    return hashlib.sha256(run.encode()).hexdigest()[:OWNER]


def token_of(run: str, experiment: str) -> str:
    """The token of an experiment of a run."""
    return owner_of(run) + hashlib.sha256(experiment.encode()).hexdigest()[OWNER:]


@dataclass(frozen=True, slots=True)
class Bank:
    """Where the accounts are, and how money is moved between them; see the knobs of the workload.

    `begins` are the statements that begin a transaction, none for AUTOCOMMIT; `engine` is the kind of database;
    `token` says whose run the tables are for, `shared` that other runs can come to them.
    """

    pool: Pool
    token: str
    engine: str
    begins: tuple[str, ...]
    style: str
    accounts: int
    think: float
    retries: int
    backoff: float
    ordered: bool
    long_every: int
    long_seconds: float
    shared: bool = False

    def owns(self, token: str) -> bool:
        """Whether a token is of the same run."""
        return token[:OWNER] == self.token[:OWNER]

    @property
    def expected(self) -> int:
        """All the money that there should be, since transfers only move it."""
        return self.accounts * BEGINNING

    def transfer(self) -> "Transfer":
        """One to make: from one account to another, both chosen by chance."""
        source, target = random.sample(range(self.accounts), 2)
        lasts = self.long_every > 0 and random.random() < 1 / self.long_every
        return Transfer(source, target, random.randint(1, 10), self.long_seconds if lasts else self.think)

    def pause(self, attempt: int) -> float:
        """How long to wait before attempt number `attempt` (from 1): longer each time, and never as long as others."""
        return random.uniform(0, min(1.0, self.backoff * 2 ** (attempt - 1)))


@dataclass(frozen=True, slots=True)
class Transfer:
    """So much from one account to another, with `think` seconds between reading and writing."""

    source: int
    target: int
    amount: int
    think: float


@dataclass(slots=True)
class Outcome:
    """What became of a transfer: `aborted` has the engine's code of each attempt that failed, in their order.

    `retried` counts the attempts after the first; `dry`: no connection of the pool came back in time; `seconds` is how
    long the last transaction was open.
    """

    committed: bool = False
    aborted: list[str] = field(default_factory=list)
    retried: int = 0
    dry: bool = False
    seconds: float = 0.0


class Conflict(Exception):
    """Somebody else has changed the row: its version is another by now."""

    sqlstate = "version"
