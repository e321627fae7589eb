"""Binding the socket, and the sentences about why that is not possible."""

import errno
import os
import socket

import pytest

from explorer.option_error import OptionError
from explorer.supervise import listener as module
from explorer.supervise.listener import bind, holder_of, resolve


def test_a_free_port_is_taken_and_connections_are_let_in() -> None:
    listener = bind("127.0.0.1", 0)
    try:
        assert listener.port > 0
        assert listener.url == f"http://127.0.0.1:{listener.port}"
        socket.create_connection((listener.host, listener.port), 5).close()
    finally:
        listener.close()


def test_asyncio_will_set_nodelay_on_its_connections() -> None:
    listener = bind("127.0.0.1", 0)
    try:
        # asyncio looks at exactly this; with 0 every second request over a connection takes 40 ms.
        assert listener.socket.proto == socket.IPPROTO_TCP
        assert not listener.socket.get_inheritable()
    finally:
        listener.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="this system has no IPv6")
def test_an_ipv6_host_is_allowed() -> None:
    try:
        listener = bind("::1", 0)
    except OptionError:
        pytest.skip("this machine has no IPv6 loopback address")
    try:
        assert listener.url == f"http://[::1]:{listener.port}"
    finally:
        listener.close()


def test_any_address_is_reached_over_loopback() -> None:
    listener = bind("0.0.0.0", 0)
    try:
        assert listener.host == "127.0.0.1"
        assert listener.serves("0.0.0.0", 0)
        assert not listener.serves("127.0.0.1", 0)
    finally:
        listener.close()


def test_a_port_in_use_names_its_holder() -> None:
    first = bind("127.0.0.1", 0)
    try:
        with pytest.raises(OptionError) as caught:
            bind("127.0.0.1", first.port)
        assert caught.value.where == "server.port"
        assert f"(pid {os.getpid()})" in str(caught.value)
        assert str(caught.value).startswith(f"Port {first.port} is in use by ")
    finally:
        first.close()


def test_a_port_that_nobody_holds_has_no_holder() -> None:
    listener = bind("127.0.0.1", 0)
    listener.close()

    assert holder_of(listener.port) == ""


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "1.2.3.4.5"])
def test_an_unknown_host_is_a_sentence(host: str) -> None:
    with pytest.raises(OptionError, match="is unknown here") as caught:
        bind(host, 0)

    assert caught.value.where == "server.host"


def test_an_address_of_another_machine_is_a_sentence() -> None:
    with pytest.raises(OptionError, match="is not an address of this machine") as caught:
        bind("192.0.2.1", 0)

    assert caught.value.where == "server.host"


@pytest.mark.parametrize(
    ("number", "port", "words"),
    [
        (errno.EACCES, 80, "Port 80 may not be opened by this user; choose one from 1,024 on."),
        (errno.EACCES, 8080, "Port 8080 may not be opened by this user; choose another."),
        (errno.EADDRINUSE, 1, "Port 1 is in use by another program; end that program or choose another port."),
        (errno.ENOBUFS, 8080, "127.0.0.1, port 8080 cannot be opened (no); choose another port."),
    ],
)
def test_every_refusal_is_one_sentence(number: int, port: int, words: str) -> None:
    assert str(module._refusal(OSError(number, "no"), "127.0.0.1", port)) == words


@pytest.mark.parametrize(
    ("host", "exposed"), [("127.0.0.1", ""), ("127.0.0.2", ""), ("::1", ""), ("0.0.0.0", "0.0.0.0"), ("::", "::")]
)
def test_a_listener_says_whether_other_machines_reach_it(host: str, exposed: str) -> None:
    try:
        listener = bind(host, 0)
    except OptionError:
        pytest.skip(f"this machine has no {host}")
    listener.close()

    assert listener.exposed == exposed


def test_a_host_that_was_looked_up_is_not_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = resolve("localhost", 0)

    def asked(*words: object, **more: object) -> list[object]:
        raise AssertionError("looked up again")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    listener = bind("localhost", 0, resolved=resolved)
    try:
        assert listener.serves("localhost", 0)
        assert not listener.serves("elsewhere", 0, resolved)
    finally:
        listener.close()
