"""Connecting to a scheduler: what keeps a client out is found out first, so that it can be said in one sentence.

`distributed` tries again and again until its time is up and then says no more than that. A connection of our own tells
within a moment whether nobody listens, whether it is a scheduler, and whether the certificates fit: a scheduler speaks
first, so that one byte is proof.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from typing import Any, Final

import distributed

from explorer.cluster.access import Access
from explorer.option_error import OptionError

LIMIT_S: Final = 10.0
SILENCE_S: Final = 3.0

AsyncClient = Any
"""A `distributed.Client` made with `asynchronous=True`: its methods return awaitables, which its types do not say."""


@contextlib.asynccontextmanager
async def connected(access: Access, where: str = "") -> AsyncIterator[AsyncClient]:
    """A client of the scheduler on the running loop. Raises `OptionError`; `where` is the knob with the address."""
    client = await connect(access, where)
    try:
        yield client
    finally:
        await client.close(timeout=1)


async def connect(access: Access, where: str = "") -> AsyncClient:
    """The same for callers who close it themselves."""
    quieten()
    await _try(access, where)
    make: Any = distributed.Client
    try:
        return await make(
            access.address,
            security=access.security(),
            asynchronous=True,
            set_as_default=False,
            timeout=LIMIT_S,
            name="concurrency-explorer",
        )
    except (OSError, TimeoutError) as error:
        raise OptionError(f"The Dask scheduler at {access.address} cannot be used ({error}).", where) from None


def quieten() -> None:
    """Keep what Dask says of every worker and every call out of the log; warnings and errors stay."""
    logging.getLogger("distributed").setLevel(logging.WARNING)


async def _try(access: Access, where: str) -> None:
    """Raise `OptionError` if no scheduler would talk to a client."""
    address = access.address
    host, port = access.place
    writer = None
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=access.tls()), LIMIT_S)
        first = await asyncio.wait_for(reader.read(1), SILENCE_S)
    except ssl.SSLCertVerificationError as error:
        raise OptionError(
            f"The certificate of the scheduler at {address} was not issued by the authority in {access.ca} "
            f"({error.verify_message}); give the ca file of that cluster.",
            where.replace("address", "ca"),
        ) from None
    except ssl.SSLError as error:
        raise OptionError(f"The scheduler at {address} {_refusal(error)}", where.replace("address", "cert")) from None
    except TimeoutError:
        raise OptionError(
            f"Nothing at {address} answers as a Dask scheduler does; check the address"
            f"{'.' if access.secured else ', and give the TLS files if it asks for them.'}",
            where,
        ) from None
    except OSError as error:
        raise OptionError(
            f"No Dask scheduler can be reached at {address} ({error.strerror or error}); check the address, and "
            "whether the scheduler runs.",
            where,
        ) from None
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()
    if not first:
        raise OptionError(f"The scheduler at {address} closed the connection at once; check the address.", where)


def _refusal(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if "alert" in reason:
        return f"does not accept this certificate ({reason}); give the cert and key files that its authority issued."
    return f"does not speak TLS ({reason}); write tcp:// if it is meant to be without."
