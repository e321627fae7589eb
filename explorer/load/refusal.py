"""The first answer that says no, for whoever asks why: its status and its body, as far as that is a short text."""

from typing import Final, NamedTuple

MOST_BYTES: Final = 4096
"""Of a longer answer nothing is told: a secret that was cut in two could not be found in it."""
_ENCODED: Final = (b"\r\ntransfer-encoding:", b"\r\ncontent-encoding:")


class Refusal(NamedTuple):
    """The bytes of an answer with a status of 400 or more, from its first on."""

    status: int
    data: bytes

    @property
    def body(self) -> str:
        """Its body as text; empty if it has none, is too long, or is no plain text."""
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found or len(self.data) > MOST_BYTES or any(name in head.lower() for name in _ENCODED):
            return ""
        try:
            return body.decode()
        except UnicodeDecodeError:
            return ""
