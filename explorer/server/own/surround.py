"""Makes the server's process the place in which the user's app expects to be started.

Its folder is the working directory and comes first among the places where modules are searched. This program's own
place is none of them: what lies beside the package (a folder `tests`, or all that is installed with it) must not stand
before a module of the app's. Processes that serve with this one find the package, and the very same, through a folder
that holds nothing but a link to it. They inherit all of this: `multiprocessing` sends the search path as it is here.
"""

import os
import sys
import time
from pathlib import Path
from typing import Final

import explorer
from explorer.own_app import AppKnobs, folder_of

PACKAGE: Final = Path(explorer.__file__).resolve().parent
OURS: Final = str(PACKAGE.parent)
ALONE: Final = "package"
"""The folder of a run that holds the link."""
SET_FOR_CHILDREN: Final = ("PYTHONSAFEPATH", "PYTHONIOENCODING", "PYTHONWARNINGS")
"""What the explorer sets for processes of its own, and what would surprise programs that the app starts."""
# fmt: off
AT_START: Final = frozenset((
    "PYTHONDEVMODE", "PYTHONOPTIMIZE", "PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONMALLOCSTATS", "PYTHONUTF8",
    "PYTHONCOERCECLOCALE", "PYTHONFAULTHANDLER", "PYTHONTRACEMALLOC", "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX", "PYTHONWARNINGS", "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONUSERBASE",
    "PYTHONINTMAXSTRDIGITS", "PYTHONNODEBUGRANGES", "PYTHONPERFSUPPORT", "PYTHONDEBUG", "PYTHONPROFILEIMPORTTIME",
    "PYTHONVERBOSE", "PYTHON_GIL", "PYTHON_JIT", "PYTHON_FROZEN_MODULES", "PYTHON_CPU_COUNT",
    "PYTHON_THREAD_INHERIT_CONTEXT", "PYTHON_CONTEXT_AWARE_WARNINGS", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT",
    "LD_BIND_NOW", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH", "GLIBC_TUNABLES", "MALLOC_ARENA_MAX",
))
# fmt: on
"""Variables that are read while an interpreter or what loads it starts, and never again."""


def surround(app: AppKnobs, run: Path | None) -> list[str]:
    """Go to the app's folder, with its environment. Raises `OptionError` if there is no such folder.

    Returns the names of variables that come too late for this process; those that it starts heed them.
    """
    given = app.environment
    late = sorted(name for name in AT_START.intersection(given) if given[name] != os.environ.get(name))
    folder = folder_of(app)
    os.chdir(folder)
    inherited = [path for path in os.environ.pop("PYTHONPATH", "").split(os.pathsep) if path and path != OURS]
    for name in SET_FOR_CHILDREN:
        os.environ.pop(name, None)
    if inherited:
        os.environ["PYTHONPATH"] = os.pathsep.join(inherited)
    os.environ.update(given)
    if sys.platform != "win32" and "TZ" in given:
        time.tzset()
    asked = [path for path in given.get("PYTHONPATH", "").split(os.pathsep) if path]
    first = [str(folder), *(str(folder / path) for path in asked)]
    alone = _alone(run) if run is not None else ""
    rest = [path for path in sys.path if path not in (*first, OURS)]
    sys.path[:] = [alone, *first, *rest] if alone else [*first, *rest, OURS]
    return late


def _alone(run: Path) -> str:
    """A folder that holds the package and nothing else; empty where the system makes no links."""
    folder = run / ALONE
    try:
        folder.mkdir(exist_ok=True)
        link = folder / PACKAGE.name
        if not link.is_symlink():
            link.symlink_to(PACKAGE, target_is_directory=True)
    except OSError:
        return ""
    return str(folder)
