"""Routes of the load that the user's app seems not to have, which is said only when it has answered so.

What routes are known does not tell what is answered: middleware may, or a route of a kind that nobody here knows.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from explorer.option_error import OptionError
from explorer.server.own.routing import Asked

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
NOT_THERE: Final = (404, 405)
LEAST_REFUSAL: Final = 400


class Doubts:
    """Waits for the answers to what is doubted; each is told once. Safe to use from any thread."""

    def __init__(self, told: Callable[[OptionError], None]) -> None:
        self._told = told
        self._sentences: dict[Asked, str] = {}

    def have(self, sentences: Mapping[Asked, str]) -> None:
        """Doubt these, with the sentence for each."""
        self._sentences = dict(sentences)

    def listened(self, scope: Message, send: Send) -> Send:
        """What is to be called in place of `send`, which is `send` itself where nothing is in doubt."""
        if not self._sentences:
            return send
        asked = ("WebSocket" if scope["type"] == "websocket" else str(scope.get("method")), str(scope.get("path")))
        if asked not in self._sentences:
            return send

        async def hear(message: Message) -> None:
            verdict = _is_there(message)
            if verdict is not None:
                sentence = self._sentences.pop(asked, "")
                if sentence and not verdict:
                    self._told(OptionError(sentence, "app.route"))
            await send(message)

        return hear


def _is_there(message: Message) -> bool | None:
    """Whether an answer means that something answers there; None if it does not tell."""
    kind = message["type"]
    if kind in ("http.response.start", "websocket.http.response.start"):
        status = int(message["status"])
        return False if status in NOT_THERE else True if status < LEAST_REFUSAL else None
    # Without a route Starlette closes a WebSocket that it has not accepted.
    return {"websocket.accept": True, "websocket.close": False}.get(kind)
