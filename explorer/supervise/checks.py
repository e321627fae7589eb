"""What could not work, said in one sentence before anything starts."""

import importlib.util
import sys
import threading
from collections.abc import Mapping
from typing import Final

from explorer.catalog import missing
from explorer.option_error import OptionError
from explorer.scenario import ANY_PYTHON, OldestPython, ServerKnobs
from explorer.supervise.interpreters.find import WHERE, Interpreters, gil_again

NEEDED: Final = ("fastapi", "uvicorn", "pydantic")
NOTHING: Final[Mapping[str, str]] = {}


class Checks:
    """Checks a server's knobs. May be used from any thread; asking an interpreter takes its time.

    What was found out of an interpreter is kept, since asking costs a start of it.
    """

    def __init__(self, interpreters: Interpreters | None = None) -> None:
        self._interpreters = interpreters or Interpreters()
        self._lock = threading.Lock()
        self._paths: dict[str, str] = {}
        self._remarks: dict[str, str] = {}

    def server(
        self,
        knobs: ServerKnobs,
        packages: Mapping[str, str] = NOTHING,
        oldest: OldestPython = ANY_PYTHON,
        *,
        own: bool = False,
    ) -> None:
        """Raise `OptionError` when a server with these knobs could not start here. One that serves an `own` app of the
        user's may lack httptools: then it does with h11.

        `packages` are those that the scenario's features ask for besides, each with what asks for it, `oldest` is the
        Python that they need. Cores are not its affair.
        """
        wanted = {**choices(knobs), **packages}
        if own:
            wanted.pop("httptools", None)
        if knobs.interpreter:
            self._interpreter(knobs.interpreter, (*NEEDED, *wanted), oldest)
            return
        if sys.version_info[:2] < oldest.version:
            raise OptionError(oldest.sentence("{}.{}.{}".format(*sys.version_info[:3])), WHERE)
        for package, where in wanted.items():
            if importlib.util.find_spec(package) is None:
                raise OptionError(missing([package]), where)

    def path(self, interpreter: str) -> str:
        """The interpreter that a knob with this text means, once `server` has let it pass; else the text itself."""
        with self._lock:
            return self._paths.get(interpreter, interpreter)

    def remark(self, interpreter: str) -> str:
        """What is to be said of an interpreter that `server` has let pass; empty for nothing."""
        with self._lock:
            return self._remarks.get(interpreter, "")

    def _interpreter(self, text: str, packages: tuple[str, ...], oldest: OldestPython) -> None:
        path = self._interpreters.resolve(text, packages)
        answer = self._interpreters.asked(path, packages, packages)
        trouble = answer.trouble(path, packages)
        if not trouble and answer.version[:2] < oldest.version:
            trouble = oldest.sentence(answer.text)
        if trouble:
            raise OptionError(trouble, WHERE)
        with self._lock:
            self._paths[text] = path
            self._remarks[text] = gil_again(answer)


def choices(knobs: ServerKnobs) -> Mapping[str, str]:
    """Packages that these choices need beyond the framework itself, and what asks for each."""
    packages = {"uvloop": "server.loop"} if knobs.loop == "uvloop" else {}
    return packages | ({"httptools": "server.http"} if knobs.http == "httptools" else {})
