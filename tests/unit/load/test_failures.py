"""Failures are grouped by sentences that are the same for the same reason."""

import errno
import os
import socket

import pytest

from explorer.load import failures


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 8000)"), "connection refused"),
        (OSError("Multiple exceptions: [Errno 111] Connection refused ('::1', 80)"), "connection refused"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "too many open files in the load process"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign"), "no free local port"),
        (socket.gaierror(-2, "Name or service not known"), "unknown host"),
        (OSError(errno.EPERM, "Operation not permitted"), "connection failed: Operation not permitted"),
        (OSError("something ('127.0.0.1', 4711)"), "connection failed: unknown reason"),
    ],
)
def test_a_connection_that_cannot_be_opened(error: OSError, sentence: str) -> None:
    assert failures.of_connecting(error).startswith(sentence)


def test_a_connection_that_is_lost() -> None:
    assert failures.of_loss(None, begun=False) == "connection closed before the answer"
    assert failures.of_loss(None, begun=True) == "connection closed in the middle of the answer"
    assert failures.of_loss(ConnectionResetError(), begun=False) == "connection reset by the server"
    assert failures.of_loss(ConnectionResetError(), begun=True) == "connection closed in the middle of the answer"
    assert failures.of_loss(BrokenPipeError(errno.EPIPE, ""), begun=False) == "connection reset by the server"
