"""Which addresses this machine has in the room's network, and what that network is called here."""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

import psutil

NONE: Final = (
    "This computer is in no network that phones could be in. Connect it to the room's Wi-Fi, or open a hotspot on it, "
    "then try again."
)
_VIRTUAL: Final = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "tun", "tap", "wg", "utun", "zt", "tailscale")
"""What interfaces are called behind which there is no room."""
_WIRELESS: Final = ("wl", "wi-fi", "wifi", "wlan", "airport")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of this machine, and the interface that has it."""

    host: str
    interface: str

    @property
    def network(self) -> str:
        """The network in a word or two, for the confirmation."""
        low = self.interface.lower()
        if low.startswith(_WIRELESS):
            return f"Wi-Fi ({self.interface})"
        return f"virtual network ({self.interface})" if _is_virtual(low) else f"network {self.interface}"


def addresses() -> list[Address]:
    """The IPv4 addresses at which other machines may reach this one: wireless first, virtual networks last."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        Address(each.address, name)
        for name, mine in psutil.net_if_addrs().items()
        for each in mine
        if name in up and each.family == socket.AF_INET and _reaches_a_room(each.address)
    ]
    return sorted(found, key=_rank)


def _reaches_a_room(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)


def _is_virtual(name: str) -> bool:
    return name.startswith(_VIRTUAL)


def _rank(address: Address) -> tuple[int, str, str]:
    low = address.interface.lower()
    kind = 2 if _is_virtual(low) else 0 if low.startswith(_WIRELESS) else 1
    # An address that the machine gave itself (169.254…) has no router and mostly no room behind it.
    itself = ipaddress.ip_address(address.host).is_link_local
    return (3 if itself else kind), low, address.host
