"""Keeps the secrets of a scenario out of what is told of the user's app: an error may quote whatever it was given.

Values of the app's environment, of request headers and of queries become `***`, also as they look when quoted, in JSON
or in a URL, and so do what they are made of (the token behind "Bearer", the password in a URL). Passwords in any other
URL are masked too.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from explorer.option_error import OptionError
from explorer.options import MASK, masked
from explorer.own_app import AppKnobs, RouteKnobs

SHORTEST: Final = 4
"""A value of fewer characters is no secret, and stands in every other word."""
SHORTEST_PIECE: Final = 8
URL: Final = re.compile(r"\S*://\S+")

Hide = Callable[[str], str]
"""What makes a text one that may be told."""


class Veil:
    """Hides the secrets of one app in texts; call it before a text is cut, or half a secret may be left."""

    def __init__(self, app: AppKnobs | None = None, routes: Iterable[RouteKnobs] = ()) -> None:
        self._found: frozenset[str] = frozenset()
        self._known: re.Pattern[str] | None = None
        if app is not None:
            self.learn(app, routes)

    def learn(self, app: AppKnobs, routes: Iterable[RouteKnobs]) -> None:
        """Hide the secrets of these as well: what was asked before may still be told of."""
        found = set(self._found)
        for value in app.environment.values():
            found.update(_forms(value), *map(_forms, _passwords(value)))
        for route in routes:
            for value in (*route.headers.values(), *_asked(route.path)):
                found.update(_forms(value), *map(_forms, _pieces(value)), *map(_forms, _passwords(value)))
        if found == self._found:
            return
        self._found = frozenset(found)
        # The longest first, as one may be a piece of another.
        known = sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        return URL.sub(lambda found: masked(found[0]), text)

    def error(self, error: OptionError) -> OptionError:
        """The error without secrets in its sentence and its details."""
        return OptionError(self(str(error)), error.where, self(error.details))


def _forms(value: str) -> Iterator[str]:
    """How a value may look in a text: as it is, line by line, as Python quotes it, and in a URL."""
    yield value
    yield from (line.strip() for line in value.splitlines())
    yield repr(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(value)[1:-1]
    yield quote(value)
    yield quote(value, safe="")


def _asked(path: str) -> Iterator[str]:
    """The values in the query of a path: as they are sent, and as the app finds them. One without a name is a value."""
    for part in path.partition("?")[2].split("&"):
        name, equals, value = part.partition("=")
        sent = value if equals else name
        yield sent
        yield unquote(sent)
        yield unquote_plus(sent)


def _passwords(value: str) -> Iterator[str]:
    """The password in a value that is a URL."""
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def _pieces(header: str) -> Iterator[str]:
    """What an app may take out of a header: a token, a cookie, the name and password of Basic."""
    for piece in re.split(r"[\s;,]+|(?<!=)=(?==*\S)", header):
        if piece and len(piece) >= SHORTEST_PIECE:
            yield piece
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(rest, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield given
        yield given.partition(":")[2]
