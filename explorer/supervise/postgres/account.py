"""Whom PostgreSQL runs as: it refuses to be root, so root lets it be `nobody`, whose files must lie where that user
may go.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.option_error import OptionError
from explorer.supervise.postgres.programs import PACKAGE

NAME: Final = "nobody"  # a user without an entry of its own would fail in initdb


@dataclass(frozen=True, slots=True)
class Account:
    """The user that a server drops to."""

    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """What `subprocess` needs for it."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        """Whether this user can go there."""
        for each in (folder, *folder.parents):
            status = each.stat()
            bit = 0o100 if status.st_uid == self.uid else 0o010 if status.st_gid == self.gid else 0o001
            if not status.st_mode & bit:
                return False
        return True


def lesser_account() -> Account | None:
    """Whom to be instead of this process's user; None when that will do. Raises `OptionError` if there is nobody."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        raise OptionError(
            f"PostgreSQL refuses to run as root, and this system has no user '{NAME}' to run it; start the explorer as "
            "an ordinary user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def make_home(folder: Path, account: Account | None) -> Path:
    """Make `folder` for a server's files. For another user who may not go there it becomes a link to a place where she
    may.
    """
    if account is None:
        folder.mkdir(mode=0o700, parents=True)
        return folder
    for parent in (folder.parent, Path(tempfile.gettempdir()), Path("/var/tmp")):
        if parent.is_dir() and account.may_enter(parent.resolve()):
            home = Path(tempfile.mkdtemp(prefix="explorer-postgres-", dir=parent)).resolve()
            try:
                os.chown(home, account.uid, account.gid)
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.symlink_to(home, target_is_directory=True)
            except OSError:
                home.rmdir()
                raise
            return home
    raise OptionError(f"User '{NAME}' may go to no folder for temporary files; PostgreSQL cannot be started for root.")


def within_reach(programs: Path, home: Path, account: Account | None) -> Path:
    """The folder of PostgreSQL's programs, or of a copy in `home` if they lie where the account may not go."""
    if account is None or account.may_enter(programs.resolve()):
        return programs
    install = programs.parent
    copy = home / "programs" / PACKAGE / install.name
    shutil.copytree(install, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = install.parent.parent / f"{PACKAGE}.libs"  # where the package's programs look for them
    if libraries.is_dir():
        shutil.copytree(libraries, home / "programs" / libraries.name)
    return copy / programs.name


def remove_home(folder: Path) -> None:
    """Delete what `make_home` made, the link and what it leads to."""
    if folder.is_symlink():
        shutil.rmtree(folder.readlink(), ignore_errors=True)
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
