"""What went wrong in the user's app, in one sentence that names the place, with its traceback as details."""

import errno
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

from explorer.catalog import missing
from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, folder_of
from explorer.server.own.veil import Hide

OURS: Final = str(Path(__file__).resolve().parents[2])
MOST_DETAILS: Final = 20_000
LONGEST: Final = 300


class RunsAServer(Exception):
    """The app's module starts a server of its own when it is imported."""


def of_import(app: AppKnobs, error: BaseException, hide: Hide) -> OptionError:
    """Why the app could not be imported."""
    details, at = details_of(error, hide), place(error, folder_of(app))
    if isinstance(error, RunsAServer):
        sentence = (
            f"Your app starts a server of its own when it is imported{at}: "
            "put that call below if __name__ == '__main__'."
        )
    elif isinstance(error, SystemExit):
        code = shortened(hide(_shown_code(error)))
        sentence = f"Your app ends the process when it is imported: sys.exit({code}){at}."
    elif isinstance(error, ModuleNotFoundError) and error.name:
        sentence = _of_missing(app, error.name, at)
    else:
        sentence = _of_port(error, at, hide) or f"Your app cannot be imported: {said(error, hide)}{at}."
    return OptionError(sentence, "app.target", details)


def of_lifespan(app: AppKnobs, error: BaseException | None, text: str, hide: Hide) -> OptionError:
    """Why the app's lifespan failed: its error if that was seen, else the text that the framework made of it."""
    if error is None:
        text = hide(text)
        last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it gave no reason")
        return OptionError(f"Your app's lifespan failed: {shortened(last)}.", "app.target", text[-MOST_DETAILS:])
    at = place(error, folder_of(app))
    sentence = _of_port(error, at, hide) or f"Your app's lifespan failed: {said(error, hide)}{at}."
    return OptionError(sentence, "app.target", details_of(error, hide))


def of_openapi(app: AppKnobs, error: BaseException, hide: Hide) -> OptionError:
    """Why the app cannot say what it can be asked."""
    at = place(error, folder_of(app))
    sentence = f"Your app's routes cannot be listed, because its OpenAPI fails: {said(error, hide)}{at}."
    return OptionError(sentence, "app.target", details_of(error, hide))


def said(error: BaseException, hide: Hide) -> str:
    """An error by its name and its first words; by its name alone if it cannot be made a text."""
    try:
        text = hide(str(error.msg if isinstance(error, SyntaxError) else error))
    except Exception:  # whatever the app's own class does
        text = ""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return shortened(f"{type(error).__name__}: {first}" if first else type(error).__name__)


def shortened(text: str) -> str:
    """A text that fits into a sentence, without the full stop at its end."""
    text = text.rstrip().rstrip(".")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def place(error: BaseException, folder: Path) -> str:
    """Where in the app's own files an error came from, as " (main.py, line 3)"; empty if in none of them."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f" ({_shown(error.filename, folder)}, line {error.lineno})"
    found = ""
    for frame, line in frames(error.__traceback__):
        if is_own(frame, folder):
            found = f" ({_shown(frame.f_code.co_filename, folder)}, line {line})"
    return found


def frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The frames of a traceback and their lines, the innermost last."""
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def is_own(frame: FrameType, folder: Path) -> bool:
    """Whether a frame runs a file of the app's folder that was not installed there."""
    name = frame.f_code.co_filename
    if name.startswith(("<", OURS)):
        return False
    path = Path(name)
    return path.is_relative_to(folder) and not {"site-packages", "dist-packages"}.intersection(path.parts)


def where_it_is(frame: FrameType | None, folder: Path) -> str:
    """Where a running thread is, in the app's own files, as " (main.py, line 3)"; empty if in none of them."""
    while frame is not None:
        if is_own(frame, folder):
            return f" ({_shown(frame.f_code.co_filename, folder)}, line {frame.f_lineno})"
        frame = frame.f_back
    return ""


def details_of(error: BaseException, hide: Hide) -> str:
    """The traceback, without the frames of this program and of the import machinery."""
    whole = traceback.TracebackException.from_exception(error)
    whole.stack[:] = [
        one for one in whole.stack if not one.filename.startswith(OURS) and "importlib" not in one.filename
    ]
    return hide("".join(whole.format()))[-MOST_DETAILS:]


def _shown(filename: str, folder: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def _shown_code(ended: SystemExit) -> str:
    try:
        return repr(ended.code)
    except Exception:  # whatever the app's own class does
        return "…"


def _of_missing(app: AppKnobs, name: str, at: str) -> str:
    """A module that is not there: the target itself, a module of the app's own, or a package to install."""
    target, _, _ = app.target.partition(":")
    folder = folder_of(app)
    if target == name or target.startswith(f"{name}."):
        return f"There is no module '{name}' in {folder}; choose the folder from which {target} can be imported."
    top = name.partition(".")[0]
    if top != name and importlib.util.find_spec(top) is not None:
        return f"Your app imports {name}, which does not exist{at}."
    return f"Your app cannot be imported{at}. {missing([top], sys.executable)}"


def _of_port(error: BaseException | None, at: str, hide: Hide) -> str:
    """The sentence about an address that the app itself wants to listen on; empty if that is not what went wrong."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            why = shortened(hide(error.strerror or str(error)))
            return (
                f"Your app opens a port of its own{at}, and that is taken: {why}; "
                "end the program that has it, or let the app use another."
            )
        error = error.__cause__ or error.__context__
    return ""
