"""How a Dask scheduler is reached: its address and the files of mutual TLS, checked before anything connects.

Whoever reaches a scheduler can run any program on its workers, and a worker's answers are unpickled here. So a
scheduler on another machine is used with mutual TLS or not at all.
"""

import ipaddress
import json
import ssl
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Protocol

from explorer.option_error import OptionError

SCHEMES: Final = ("tcp", "tls")
FILES: Final = ("ca", "cert", "key")
NO_TLS: Final = (
    "Whoever reaches a Dask scheduler can run any program, so that {} is only used with TLS: give the files ca, cert "
    "and key, or reach it through a tunnel that ends at 127.0.0.1."
)


class Knobs(Protocol):
    """The knobs that say how a scheduler is reached."""

    @property
    def address(self) -> str:
        """Of the scheduler, or empty."""
        ...

    @property
    def ca(self) -> str:
        """File with the certificate of the cluster's authority, or empty."""
        ...

    @property
    def cert(self) -> str:
        """File with our certificate, or empty."""
        ...

    @property
    def key(self) -> str:
        """File with the key of that, or empty."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """How a scheduler is reached. `address` is empty for the embedded cluster; the files are empty without TLS."""

    address: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""

    @classmethod
    def of(cls, knobs: Knobs, section: str) -> "Access":
        """What these knobs say, checked as far as that is possible without looking anywhere.

        The address comes out as `tcp://host:port` or `tls://host:port`, the files as absolute paths. Raises
        `OptionError`; `section` is the knobs'.
        """
        files = (str(Path(name).expanduser().absolute()) if name else "" for name in (knobs.ca, knobs.cert, knobs.key))
        return cls(knobs.address.strip(), *files)._checked(section)

    @property
    def embedded(self) -> bool:
        """Whether it is the cluster that the run brings along."""
        return not self.address

    @property
    def secured(self) -> bool:
        """Whether both sides prove who they are."""
        return bool(self.ca)

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of the scheduler; not for the embedded cluster."""
        host, _, port = self.address.partition("://")[2].rpartition(":")
        return host.strip("[]"), int(port)

    def look(self, section: str) -> None:
        """Look whether the files of TLS can be used. Raises `OptionError`."""
        if not self.secured:
            return
        for name in FILES:
            try:
                Path(getattr(self, name)).read_bytes()
            except OSError as error:
                raise OptionError(
                    f"The TLS file {getattr(self, name)} cannot be read ({error.strerror}); check its path.",
                    f"{section}.{name}",
                ) from None
        try:
            self.tls()
        except ssl.SSLError as error:
            raise OptionError(
                f"The TLS files cannot be used ({error.reason or error}); ca and cert must be certificates in PEM, and "
                "key the private key of cert, without a passphrase.",
                f"{section}.cert",
            ) from None

    def tls(self) -> ssl.SSLContext | None:
        """How a client proves itself and what it asks of the scheduler; None without TLS. Raises `ssl.SSLError`."""
        if not self.secured:
            return None
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.ca)
        context.check_hostname = False  # as in Dask: certificates are made for a cluster, not for its machines
        # Without a password of its own OpenSSL would ask the terminal for one, and wait.
        context.load_cert_chain(self.cert, self.key, password=lambda: "")
        return context

    def security(self) -> Any:
        """The same as a `distributed.Security`, or None."""
        if not self.secured:
            return None
        import distributed

        make: Any = distributed.Security
        return make(require_encryption=True, tls_ca_file=self.ca, tls_client_cert=self.cert, tls_client_key=self.key)

    def to_text(self) -> str:
        """The access as text for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Access":
        """What `to_text` of another process gave; whatever else it says is passed over."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{each.name: values[each.name] for each in fields(cls)})

    def _checked(self, section: str) -> "Access":
        given = [name for name in FILES if getattr(self, name)]
        absent = [name for name in FILES if name not in given]
        if given and absent:
            raise OptionError(
                f"TLS needs {section}.ca, {section}.cert and {section}.key together; give {' and '.join(absent)} as "
                "well.",
                f"{section}.{absent[0]}",
            )
        if self.embedded:
            if given:
                raise OptionError(
                    "The embedded cluster is on this machine alone and takes no TLS files; give the address of a "
                    "scheduler, or take the files away.",
                    f"{section}.ca",
                )
            return self
        return self._with_address(section)

    def _with_address(self, section: str) -> "Access":
        scheme, separator, rest = self.address.partition("://")
        if not separator:
            scheme, rest = ("tls" if self.secured else "tcp"), self.address
        host, _, port = rest.rpartition(":")
        where = f"{section}.address"
        if scheme not in SCHEMES or not host or not port.isdigit() or not 0 < int(port) < 65_536:
            raise OptionError(
                f"'{self.address}' is no address of a Dask scheduler; give one such as tcp://127.0.0.1:8786 or "
                "tls://cluster.example:8786.",
                where,
            )
        if scheme == "tls" and not self.secured:
            raise OptionError(
                f"{self.address} asks for TLS; give {section}.ca, {section}.cert and {section}.key.", f"{section}.ca"
            )
        if scheme == "tcp" and self.secured:
            raise OptionError(
                f"{self.address} is an address without TLS, and TLS files are given; write tls://{rest}, or take the "
                "files away.",
                where,
            )
        if not self.secured and not is_loopback(host.strip("[]")):
            raise OptionError(NO_TLS.format(f"{scheme}://{rest}"), where)
        return replace(self, address=f"{scheme}://{rest}")


def check_workers(workers: Iterable[str], where: str = "") -> None:
    """Raise `OptionError` for the first of these addresses of workers that is neither of this machine nor of TLS.

    A scheduler on this machine may have workers on others, and what they answer is unpickled here all the same.
    """
    for worker in workers:
        scheme, _, rest = worker.partition("://")
        if scheme != "tls" and not is_loopback(rest.rpartition(":")[0].strip("[]")):
            raise OptionError(NO_TLS.format(f"its worker {worker}"), where)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone, as far as its name tells."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
