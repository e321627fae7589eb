"""The bytes of a request, and the choice among paths."""

from collections import Counter
from random import Random

import pytest

from explorer.load.routes import Asked, Choice, Route


def choice(shares: list[float], seed: int = 1) -> Choice:
    return Choice([Route(f"/{n}", "h", 1, "t") for n in range(len(shares))], shares, Random(seed))


def test_the_bytes_carry_number_and_token() -> None:
    route = Route("/job", "127.0.0.1", 8000, "70ken")
    assert route.request(0xAB12, True) == (
        b"GET /job HTTP/1.1\r\nhost: 127.0.0.1:8000\r\nx-explorer-request: ab12-70ken\r\n\r\n"
    )
    assert b"\r\nconnection: close\r\n" in route.request(1, False)


def test_an_ipv6_address_is_put_into_brackets() -> None:
    assert b"\r\nhost: [::1]:80\r\n" in Route("/", "::1", 80, "").request(1, True)


def test_shares_are_kept() -> None:
    pick = choice([0.8, 0.2])
    counts = Counter(pick().path for _ in range(10_000))
    assert counts["/0"] == pytest.approx(8000, abs=200)


def test_the_same_seed_gives_the_same_order() -> None:
    first, second, other = choice([1, 1, 1]), choice([1, 1, 1]), choice([1, 1, 1], seed=2)
    order = [first().path for _ in range(50)]
    assert [second().path for _ in range(50)] == order
    assert [other().path for _ in range(50)] != order


def test_a_share_of_nothing_is_never_picked_unless_all_are() -> None:
    pick = choice([0, 1, 0])
    assert {pick().path for _ in range(200)} == {"/1"}
    nothing = choice([0, 0])
    assert {nothing().path for _ in range(200)} == {"/0", "/1"}


def test_no_path_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one path"):
        choice([])


def test_a_stream_is_asked_for_by_its_media_type() -> None:
    route = Route("/job", "127.0.0.1", 8000, "70ken", speaks="sse")
    assert b"\r\naccept: text/event-stream\r\n" in route.request(1, True)
    assert (route.name, route.kind) == ("GET /job", "sse")


def test_a_message_has_a_word_and_a_filling() -> None:
    route = Route("/job", "127.0.0.1", 8000, "70ken", speaks="websocket")
    assert route.word(0xAB12) == b"ab12-70ken"
    assert route.filling(5) == b" abcd"
    assert [len(route.filling(size)) for size in (1, 2, 26, 27, 28, 1 << 20)] == [1, 2, 26, 27, 28, 1 << 20]
    assert route.filling(-3) == b" "  # a word longer than the message: it is never cut
    assert route.filling(-3) == b" "


def test_connections_of_http_carry_any_path_those_of_websocket_their_own() -> None:
    kinds = [Route(path, "h", 1, "", speaks=speaks).kind for path in ("/a", "/b") for speaks in ("http", "websocket")]
    assert kinds[0] == kinds[2]
    assert len(set(kinds)) == 3
    assert Route("/a", "h", 1, "", speaks="websocket").name == "WEBSOCKET /a"


def test_a_request_with_a_body_says_its_length_and_its_headers() -> None:
    asked = Asked.of({"method": "POST", "name": "/orders/{n}", "headers": {"X-Key": "k"}, "body": "e30="})
    route = Route("/orders/1?secret=2", "h", 1, "t", asked=asked)
    assert route.name == "POST /orders/{n}"
    assert route.request(5, True) == (
        b"POST /orders/1?secret=2 HTTP/1.1\r\nhost: h:1\r\nX-Key: k\r\ncontent-length: 2\r\n"
        b"x-explorer-request: 5-t\r\n\r\n{}"
    )
    assert Route("/orders?secret=2", "h", 1, "t").name == "GET /orders"
    assert b"\r\ncontent-length: 0\r\n" in Route("/", "h", 1, "t", asked=Asked("PUT")).request(1, True)


def test_what_the_user_gives_takes_the_place_of_ours_and_is_sent_once() -> None:
    asked = Asked(headers={"Host": "shop.example", "Accept": "text/plain"})
    sent = Route("/job", "127.0.0.1", 8000, "t", speaks="sse", asked=asked).request(1, True).lower()
    assert (sent.count(b"\r\nhost: "), sent.count(b"\r\naccept: ")) == (1, 1)
    assert b"\r\nhost: shop.example\r\n" in sent
    assert b"\r\naccept: text/plain\r\n" in sent


def test_a_websocket_is_not_shared_by_routes_with_other_headers() -> None:
    first, same, other = (
        Route("/ws", "h", 1, "", speaks="websocket", asked=Asked(headers={"authorization": who}))
        for who in ("one", "one", "two")
    )
    assert first.kind == same.kind
    assert first.kind != other.kind
