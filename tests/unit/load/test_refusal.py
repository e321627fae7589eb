"""The body of the first answer that said no, as far as it is a short text."""

import pytest

from explorer.load.refusal import MOST_BYTES, Refusal

HEAD = b"HTTP/1.1 422 No\r\ncontent-length: 2"


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (HEAD + "\r\n\r\nnö".encode(), "nö"),
        (HEAD + b"\r\n\r\n", ""),
        (HEAD, ""),
        (HEAD + b"\r\n\r\n\xff\xfe", ""),
        (b"HTTP/1.1 422 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", ""),
        (HEAD + b"\r\ncontent-encoding: gzip\r\n\r\nno", ""),
        (HEAD + b"\r\n\r\n" + b"x" * MOST_BYTES, ""),
    ],
)
def test_a_body_is_told_if_it_is_a_short_plain_text(data: bytes, body: str) -> None:
    assert Refusal(422, data).body == body
