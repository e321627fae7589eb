"""The address of a user's server: whether it is one, and with its password put in. No Qt."""

from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

KINDS: Final = ("postgresql", "postgres", "mariadb", "mysql")
EXAMPLE: Final = "postgresql://user@host:5432/database"


def refused(address: str) -> str:
    """Why this is no address of a server, in one sentence; empty when it may be one."""
    if not address.strip():
        return f"Write the address of the server, such as {EXAMPLE}."
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"This is no address of a server; write one such as {EXAMPLE}."
    if parts.scheme.partition("+")[0] not in KINDS:
        return "The address must begin with postgresql://, mariadb:// or mysql://."
    if not host and "host=" not in parts.query:
        return f"The address names no host; write one such as {EXAMPLE}."
    return ""


def parted(address: str) -> tuple[str, str]:
    """The address without its password, and the password; the address as it is where there is none."""
    try:
        parts = urlsplit(address.strip())
        password = parts.password
    except ValueError:
        return address, ""
    if not password:
        return address, ""
    user, where = parts.username or "", parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{where}")), unquote(password)


def joined(address: str, password: str) -> str:
    """The address with this password; without one it stays as it is."""
    address = address.strip()
    if not password:
        return address
    parts = urlsplit(address)
    user = quote(parts.username or "", safe="%")
    where = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{where}"))
