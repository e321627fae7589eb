"""Why a request failed, as one short sentence: failures are counted by it, so it names no port, number or time."""

import errno
import socket
from typing import Final

TIMED_OUT: Final = "timed out"
NO_ANSWER: Final = "connection closed before the answer"
CUT_SHORT: Final = "connection closed in the middle of the answer"
NOT_HTTP: Final = "answer is not HTTP"
NOT_A_STREAM: Final = "answer is not a stream of events"
NO_SWITCH: Final = "the server did not switch to WebSocket"
NOT_WEBSOCKET: Final = "the server broke the WebSocket protocol"
TOO_MANY: Final = "too many requests were waiting already: lower the rate or raise the most connections"
ENDED: Final = "still without an answer when the load ended"

_STATUS: Final = "status "
_SENTENCES: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset by the server",
    errno.EPIPE: "connection reset by the server",
    errno.ECONNABORTED: "connection aborted",
    errno.ETIMEDOUT: "no answer to the connection attempt",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.EADDRNOTAVAIL: "no free local port is left for another connection",
    errno.EMFILE: "too many open files in the load process: lower the number of connections",
    errno.ENFILE: "too many open files on this machine: lower the number of connections",
}


def of_status(status: int) -> str:
    """The sentence for an answer that says no."""
    return f"{_STATUS}{status}"


def short(sentence: str) -> str:
    """How requests of this end are called among all: an answer by its status, such as "422"."""
    return sentence.removeprefix(_STATUS)


def of_close(code: int) -> str:
    """The sentence for a WebSocket that the server closed with a complaint."""
    return f"the server closed the WebSocket with code {code}"


def of_connecting(error: OSError) -> str:
    """The sentence for a connection that could not be opened."""
    if isinstance(error, socket.gaierror):
        return "unknown host"
    known = _known(error)
    if not known and "refused" in str(error).lower():  # asyncio joins the errors of several addresses into one text
        known = _SENTENCES[errno.ECONNREFUSED]
    return known or f"connection failed: {error.strerror or 'unknown reason'}"


def of_loss(error: Exception | None, begun: bool) -> str:
    """The sentence for a connection that went away, before the answer or (`begun`) in the middle of it."""
    if begun:
        return CUT_SHORT
    return (_known(error) if isinstance(error, OSError) else "") or NO_ANSWER


def _known(error: OSError) -> str:
    # The Windows codes (WSAECONNREFUSED 10061, …) are mapped to errno by Python for the classes that it knows.
    if isinstance(error, ConnectionRefusedError):
        return _SENTENCES[errno.ECONNREFUSED]
    if isinstance(error, ConnectionResetError):
        return _SENTENCES[errno.ECONNRESET]
    return _SENTENCES.get(error.errno or 0, "")
