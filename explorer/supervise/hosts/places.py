"""The hosts of a cluster that a load is sent from: which, what they are called, where each reaches the server.

One worker of each host is enough, since it only starts a process of ours. A host is an IP address among the workers'
addresses.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from distributed.comm.addressing import get_address_host

from explorer.cluster.access import is_loopback
from explorer.option_error import OptionError

NOT_REACHABLE: Final = (
    "The server listens on {} only, which the host {} of the cluster cannot reach; set server.host to 0.0.0.0 or to an "
    "address of this machine that it reaches."
)
ANY: Final = ("0.0.0.0", "::")
SOME_PORT: Final = 9


@dataclass(frozen=True, slots=True)
class Place:
    """A host: the IP address in its worker's address, that worker, what people call it."""

    host: str
    worker: str
    name: str

    def here(self) -> bool:
        """Whether its address is one of this machine's."""
        return is_loopback(self.host) or source_address(self.host) == self.host


def places(workers: Mapping[str, Mapping[str, Any]], *, embedded: bool = False) -> list[Place]:
    """One place for each host of these workers, by address, in order; `embedded`: the only one is this machine."""
    found: dict[str, Place] = {}
    names: set[str] = set()
    for address in sorted(workers):
        host = get_address_host(address)
        if host in found:
            continue
        called = workers[address].get("name")
        # Without a name of its own a worker is called by its address, or by a number.
        name = called if isinstance(called, str) and "://" not in called else host
        if embedded:
            name = "this machine"
        name = f"{name} ({host})" if name in names else name
        names.add(name)
        found[host] = Place(host, address, name)
    return list(found.values())


def source_address(host: str) -> str:
    """This machine's own address on the way to `host`; empty if there is no way. Nothing is sent."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((host, SOME_PORT))
        except OSError:
            return ""
        return str(sock.getsockname()[0])


def server_for(place: Place, local: str, bound: str, source: Callable[[str], str] = source_address) -> str:
    """The address at which this host reaches the server.

    `local` is where this machine reaches it, `bound` what it is bound to if others may, else empty. Raises
    `OptionError` when only this machine can.
    """
    ours = source(place.host)
    if is_loopback(place.host) or ours == place.host:
        return local
    if not bound:
        called = place.name if place.name == place.host else f"{place.name} ({place.host})"
        raise OptionError(NOT_REACHABLE.format(local, called), "server.host")
    return (ours or local) if bound in ANY else bound
