"""What the load's knobs say of a cluster, checked before anything is started. Imports no Dask."""

import importlib.util
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

from explorer.cluster.access import Access
from explorer.option_error import OptionError

WHERE: Final = "load.cluster"
"""The knob with the scheduler's address."""
NO_DASK: Final = "A load from the hosts of a cluster needs the package distributed; run: pip install distributed"


def access_of(load: Mapping[str, Any]) -> Access:
    """How the scheduler is reached, by the load's knobs as plain data. Raises `OptionError`."""
    knobs = SimpleNamespace(address=load["cluster"], ca=load["ca"], cert=load["cert"], key=load["key"])
    try:
        access = Access.of(knobs, "load")
        access.look("load")
    except OptionError as error:
        raise OptionError(str(error), WHERE if error.where == "load.address" else error.where) from None
    return access


def check(load: Mapping[str, Any]) -> None:
    """Raise `OptionError` if a load with these knobs cannot come from where they say."""
    if load["where"] == "here":
        return
    if importlib.util.find_spec("distributed") is None:
        raise OptionError(NO_DASK, "load.where")
    access_of(load)
