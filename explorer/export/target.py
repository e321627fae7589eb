"""A file that is either whole or not there: written beside its place under another name and renamed at the end."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from explorer.option_error import OptionError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; when the block ends well it is at `path`, else nothing is left and `path` is as it was.

    Raises `OptionError` if the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        target = temporary.open("xb")
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({error.strerror}). Choose another folder.") from None
    try:
        with target:
            yield target
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or error
        raise OptionError(f"{path} cannot be written ({reason}). Free some space or choose another folder.") from None
    finally:
        temporary.unlink(missing_ok=True)
