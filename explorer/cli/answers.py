"""How commands answer: bad input in one sentence, and for a program in JSON.

`--json FILE|-` writes the machine's form of what is printed; with `-` standard output holds nothing else.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from explorer.option_error import OptionError

JSON_OPTION = click.option("--json", "json_to", metavar="FILE|-", help="Write JSON to a file, or to standard output.")
F = TypeVar("F", bound=Callable[..., Any])


def sentences(command: F) -> F:
    """Turn an `OptionError` of a command into its sentence on stderr and exit status 2."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except OptionError as error:
            hint = " (--verbose shows its traceback.)" if error.details and not kwargs.get("verbose") else ""
            click.echo(f"concurrency-explorer: {error}{hint}", err=True)
            if error.details and not hint:
                click.echo(error.details.rstrip(), err=True)
            sys.exit(2)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature, which mypy cannot express here


def check_writable(target: str | Path | None) -> None:
    """Refuse a file that cannot be written before the work begins, not after it."""
    if target is None or target == "-":
        return
    path = Path(target).resolve()
    if path.is_dir():
        raise OptionError(f"{target} is a folder. Give the name of a file.")
    if not path.parent.is_dir():
        raise OptionError(f"The folder {path.parent} does not exist. Create it or choose another file.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OptionError(f"{target} may not be written by this user. Choose another file.")


def recording_name(target: Path | None) -> Path | None:
    """Where to record to: a name that `open` will take. Raises `OptionError`."""
    if target is None or target.suffix == ".cxrec" or target.is_dir():  # a folder is refused as such
        return target
    if target.suffix:
        raise OptionError(f"{target.name} would not open as a recording; give a name that ends in .cxrec.")
    return target.with_suffix(".cxrec")


def write_json(target: str | None, value: object) -> None:
    """Write `value` to a file or, for "-", to standard output; None writes nothing. Raises `OptionError`."""
    if target is None:
        return
    text = json.dumps(value, indent=2) + "\n"
    if target == "-":
        click.echo(text, nl=False)
    else:
        try:
            Path(target).write_text(text, encoding="utf-8")
        except OSError as error:
            raise OptionError(f"{target} cannot be written ({error.strerror}). Choose another file.") from None
