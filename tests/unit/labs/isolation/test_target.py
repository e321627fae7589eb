"""URLs of databases: what is taken, what is refused in one sentence, and that no password is ever shown."""

import pytest

from explorer.labs.isolation.target import Target, parse, place_of, without_secrets
from explorer.option_error import OptionError


@pytest.mark.parametrize(
    ("text", "url", "kind"),
    [
        ("", "sqlite://", "sqlite"),
        ("sqlite", "sqlite://", "sqlite"),
        ("sqlite://", "sqlite://", "sqlite"),
        (" EMBEDDED ", "embedded", "embedded"),
        ("postgres://me@db/x", "postgresql://me@db/x", "postgresql"),
        ("postgresql+asyncpg://me:pw@db:5433/x", "postgresql://me:pw@db:5433/x", "postgresql"),
        ("mariadb://me:pw@db", "mariadb://me:pw@db", "mariadb"),
        ("mysql+pymysql://me:pw@[::1]:3307/x", "mysql://me:pw@[::1]:3307/x", "mysql"),
        ("mariadb://me@/?unix_socket=/run/s", "mariadb://me@/?unix_socket=/run/s", "mariadb"),
    ],
)
def test_what_is_taken(text: str, url: str, kind: str) -> None:
    target = parse(text)

    assert (target.url, target.kind) == (url, kind)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sqlite:///mine.db", "opens no other"),
        ("oracle+x://me:secret@db", "does not speak with oracle"),
        ("postgresql://me:secret@db:port/x", "port is not a number"),
        ("postgresql://me:se@cret@db/x", "%40"),
        ("postgresql://me:***@db/x", "in place of a password"),
        ("postgresql://me:secret@/x", "names no host"),
        ("mariadb://me:secret@[::1/x", "cannot"),
        ("mariadb://me:x#cret@db", "%23 for #"),
        ("postgresql://me:x?cret@db", "%3F for"),
        ("mariadb://me:cret/x@db", "cannot be read"),
        ("mariadb://me:secret@db:99999", "cannot be read"),
        ("me:secret@db", "no database's URL"),
        ("postgres", "postgres is no database's URL"),
    ],
)
def test_what_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(OptionError, match=says) as refused:
        parse(text)

    assert str(refused.value).endswith(".")
    assert "cret" not in str(refused.value)


def test_an_unknown_journal_is_refused() -> None:
    assert parse("sqlite", "wal").journal == "wal"
    with pytest.raises(OptionError, match="choose delete or wal"):
        parse("sqlite", "memory")


def test_a_password_is_neither_in_what_is_shown_nor_in_what_a_driver_says() -> None:
    target = Target("postgresql://me:s%20cret@db:5433/x?sslpassword=other")

    assert "cret" not in repr(target) + target.shown + target.promise
    assert place_of(target.url) == "db:5433"
    said = without_secrets(f'bad "{target.url}" or s cret\nor s%20cret, other?', target.url)
    assert said == 'bad "***" or *** or ***, ***'
