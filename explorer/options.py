"""Knobs: every option of the program, declared once as data.

A group of knobs is a pydantic model whose fields are made by `knob`. Forms in the window, `--set` on the command line,
the tables of a scenario file and those of the README derive from the model; nothing repeats a bound or a default.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from explorer.option_error import OptionError

Effect = Literal["live", "restart", "start"]
"""What changing a knob during a run does: it takes effect at once, the server is restarted under the load, or nothing
until the next run starts."""
EFFECT_WORDS: dict[str, str] = {"live": "live", "restart": "restart", "start": "next run"}
"""The effects as lists and tables call them."""

_NUMBERS: dict[str, str] = {
    "int_type": "a whole number ",
    "int_parsing": "a whole number ",
    "int_from_float": "a whole number ",
    "float_type": "a number ",
    "float_parsing": "a number ",
}
"""What was expected, by pydantic's kind of error, where something else was given."""

MASK = "***"
"""What stands for a password."""
_HARMLESS: frozenset[str] = frozenset(
    (
        "application_name", "authentication", "cache", "channel_binding", "charset", "client_encoding",
        "command_timeout", "connect_timeout", "dbname", "driver", "encrypt", "gssencmode", "host", "hostaddr",
        "immutable", "isolation_level", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval",
        "load_balance_hosts", "mode", "nolock", "port", "prepared_statement_cache_size", "read_timeout",
        "service_name", "ssl", "ssl_ca", "sslcert", "sslmode", "sslrootcert", "target_session_attrs",
        "tcp_user_timeout", "timeout", "trusted_connection", "trustservercertificate", "unix_socket", "uri", "user",
        "vfs", "write_timeout",
    )
)  # fmt: skip
"""Keys of a URL's query, in lower case, whose values anybody may see."""


class Knobs(BaseModel):
    """Base of all groups of knobs: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, values: Any) -> Any:
        """Python takes True for 1; a person who writes it does not mean a number."""
        for key, field in cls.model_fields.items():
            if field.annotation is not bool and isinstance(values, dict) and isinstance(values.get(key), bool):
                values = {**values, key: str(values[key]).lower()}
        return values


K = TypeVar("K", bound=Knobs)


def knob(
    default: Any,
    *,
    title: str,
    description: str,
    unit: str = "",
    effect: Effect = "restart",
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    advanced: bool = False,
    labels: dict[str, str] | None = None,
    secret: bool = False,
    empty: str = "",
) -> Any:
    """A field of a `Knobs` model.

    `unit` is shown behind the value ("ms", "threads"); `description` is one sentence; `labels` gives the words for the
    values of a `Literal` field; `advanced` puts the knob into the folded part of the form; `empty` says what an empty
    text means. `secret` is a URL that may hold a password, or a table of which only the names may be seen: neither must
    get into a recording, a log or a report as it is; write it by `mask`.
    """
    extra: dict[str, Any] = {"unit": unit, "effect": effect, "advanced": advanced, "secret": secret}
    if empty:
        extra["empty"] = empty
    if labels:
        extra["labels"] = dict(labels)
    return Field(default, title=title, description=description, ge=ge, le=le, gt=gt, json_schema_extra=extra)


def extra(field: FieldInfo, key: str) -> Any:
    """One of `unit`, `effect`, `advanced`, `labels`, `secret`, `empty` of a field made by `knob`."""
    return (field.json_schema_extra or {}).get(key) if isinstance(field.json_schema_extra, dict) else None


def masked(url: str) -> str:
    """A URL with `***` for the password in it, wherever a driver would look for one.

    Of its query only what is known to be harmless is shown: a driver's name for a secret may be any.
    """
    # A user's name may hold all but : and /, as in SQLAlchemy. Up to the last @: an unquoted password may hold one.
    found = re.fullmatch(r"(?s)(.*?://[^:/]*):(.*)@(.*)", url)
    if found is not None:
        before, password, after = found.groups()
        # An @ in a query: what is a host to SQLAlchemy may be the end of a password to who wrote it.
        url = f"{before}:{MASK}@{MASK if re.search('(?s)[?].*=', password) else after}"
    place, mark, query = url.partition("?")
    place = re.sub(r"([&;][^=&;]*=)[^&;]*", rf"\1{MASK}", place)  # the ? may have been forgotten
    return place + mark + "&".join(map(_masked_part, query.split("&")))


def _masked_part(part: str) -> str:
    """A part of a query; one without a key is the rest of an unquoted value, and as secret as that may be."""
    key, equals, _ = part.partition("=")
    if not part or (equals and unquote_plus(key).lower() in _HARMLESS):
        return part
    return key + equals + MASK if equals else MASK


def mask(knobs: Knobs) -> dict[str, Any]:
    """Which knobs of a group are to be shown in another way than they are: key → masked value."""
    secret = [key for key, field in type(knobs).model_fields.items() if extra(field, "secret")]
    values = {key: getattr(knobs, key) for key in secret}
    return {
        key: dict.fromkeys(value, MASK) if isinstance(value, Mapping) else masked(str(value))
        for key, value in values.items()
    }


def build(section: str, model: type[K], values: dict[str, Any]) -> K:
    """Make `model` from `values`; an error is one sentence that names `section.key` and what is allowed."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        raise OptionError(_sentence(section, model, key, first["type"], first["msg"]), f"{section}.{key}") from None


def table_of(section: str, data: object) -> dict[str, Any]:
    """A table of a TOML file as a dictionary of its own; raises `OptionError` if it is something else."""
    if not isinstance(data, Mapping):
        raise OptionError(f"'{section}' must be a table, written [{section}].", section)
    return dict(data)


def tables_of(section: str, data: object) -> list[dict[str, Any]]:
    """A list of tables, each written [[section]]; raises `OptionError` if it is something else."""
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise OptionError(f"'{section}' must be a list of tables, each written [[{section}]].", section)
    for number, one in enumerate(data, 1):
        if not isinstance(one, Mapping):
            raise OptionError(f"[[{section}]] {number} must be a table; write its keys below [[{section}]].", section)
    return [dict(one) for one in data]


def parse_value(text: str) -> Any:
    """The value that `--set section.key=TEXT` means: true, false, a number, or the text itself."""
    lowered = text.strip().lower()
    if lowered in ("true", "false", "on", "off"):
        return lowered in ("true", "on")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def suggest(word: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest of `known`, or lists them all."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, 1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(names)}."


def _sentence(section: str, model: type[Knobs], key: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        if not model.model_fields:
            return f"There is no knob '{section}.{key}': this {section} has none."
        return f"There is no knob '{section}.{key}'. {suggest(key, model.model_fields)}"
    field = model.model_fields.get(key)
    bounds = bounds_of(field) if field is not None else ""
    unit = extra(field, "unit") if field is not None else ""
    title = field.title if field is not None and field.title else key
    if bounds:
        number = _NUMBERS.get(kind, "")
        return f"{section}.{key} ({title}) must be {number}{bounds}{' ' + unit if unit else ''}."
    message = message.removeprefix("Value error, ")
    return f"{section}.{key} ({title}) cannot be used: {message[:1].lower()}{message[1:]}."


def bounds_of(field: FieldInfo) -> str:
    """The bounds of a knob in words, such as "from 1 to 1,000", or nothing."""
    low = high = above = None
    for constraint in field.metadata:
        low = getattr(constraint, "ge", low)
        high = getattr(constraint, "le", high)
        above = getattr(constraint, "gt", above)
    if low is not None and high is not None:
        return f"from {low:,} to {high:,}"
    if above is not None and high is not None:
        return f"above {above:,} and at most {high:,}"
    if low is not None:
        return f"{low:,} or more"
    if above is not None:
        return f"above {above:,}"
    return f"{high:,} or less" if high is not None else ""
