"""No password leaves a run: what is written down or shown has *** in its place."""

import json
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.options import masked
from explorer.scenario import Scenario, packages, parse
from explorer.session.changes import change
from explorer.session.run_file import FILE, RunFile

SECRET = "hunter2"
URL = f"postgresql://me:{SECRET}@example.org:5432/shop"
CATALOG = Catalog()


def scenario(url: str, **knobs: object) -> Scenario:
    work = {"id": "database", "url": url} | knobs
    return parse(CATALOG, {"workload": work, "also": [{"share": 0.1, "workload": work}]})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "postgresql://me:***@example.org:5432/shop"),
        ("postgresql://me@host/shop", "postgresql://me@host/shop"),
        ("postgresql://host:5432/shop", "postgresql://host:5432/shop"),
        ("postgresql://me:pa:ss@wo/rd@host/shop", "postgresql://me:***@host/shop"),
        ("postgresql://me@corp:x@host/shop", "postgresql://me@corp:***@host/shop"),
        ("postgresql://me too:x@host/shop", "postgresql://me too:***@host/shop"),
        ("postgresql://me:x\ny@host/shop", "postgresql://me:***@host/shop"),
        ("mysql+pymysql://:empty@host", "mysql+pymysql://:***@host"),
        ("postgresql://host/shop?user=me&password=x&sslmode=require", None),
        ("postgresql://host/shop?sslpassword=x", "postgresql://host/shop?sslpassword=***"),
        ("postgresql://host/shop?pass%77ord=x&p%61ssword=y", "postgresql://host/shop?pass%77ord=***&p%61ssword=***"),
        ("postgresql://host/shop?PassWord=x&pass+word=y", "postgresql://host/shop?PassWord=***&pass+word=***"),
        ("mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3Dsec", "mssql+pyodbc:///?odbc_connect=***"),
        ("mssql+pyodbc:///?odbc_connect=UID=me;PWD=a&b;c&driver=x", "mssql+pyodbc:///?odbc_connect=***&***&driver=x"),
        ("postgresql://host/shop?user=me&something=x", "postgresql://host/shop?user=me&something=***"),
        ("postgresql://host/shop?password=a@b:c@d", "postgresql://host/shop?password=***"),
        (
            "postgresql://host/shop?password=x\ny&ssl%6Dode=require",
            "postgresql://host/shop?password=***&ssl%6Dode=require",
        ),
        ("postgresql://host:5432/shop?password=p@ss", "postgresql://host:***@***"),
        ("postgresql://me:pa?x=s@host/shop", "postgresql://me:***@***"),
        ("postgresql://me:pa?ss@host/shop?user=a&key=b", "postgresql://me:***@host/shop?user=a&key=***"),
        ("postgresql://me@host/shop&password=x", "postgresql://me@host/shop&password=***"),
        ("mssql+pyodbc://me@host/shop;pwd=x", "mssql+pyodbc://me@host/shop;pwd=***"),
        ("sqlite:///file.db?mode=ro&cache=shared", "sqlite:///file.db?mode=ro&cache=shared"),
        ("postgresql://host/shop?host=/run/pg&port=5433", "postgresql://host/shop?host=/run/pg&port=5433"),
        ("sqlite:///file.db", "sqlite:///file.db"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str | None) -> None:
    assert masked(url) == (shown if shown is not None else url.replace("password=x", "password=***"))


def test_a_scenario_keeps_its_password_for_the_server_and_gives_it_to_nobody_else() -> None:
    chosen = scenario(URL)

    assert json.dumps(chosen.to_dict()).count(SECRET) == 2
    assert SECRET not in json.dumps(chosen.to_dict(masked=True))
    assert SECRET not in chosen.to_toml(masked=True)
    assert parse(CATALOG, chosen.to_dict()) == chosen


def test_the_run_file_holds_no_password(tmp_path: Path) -> None:
    RunFile(tmp_path).begin_epoch(1, scenario(URL), 0)

    text = (tmp_path / FILE).read_text()
    assert SECRET not in text
    assert "postgresql://me:***@example.org:5432/shop" in text


def test_a_marker_names_the_database_without_its_password() -> None:
    step = change(CATALOG, scenario(""), scenario(URL))
    back = change(CATALOG, scenario(URL), scenario(URL.replace(SECRET, "other")))

    assert step.text == "URL none → postgresql://me:***@example.org:5432/shop, Second workload"
    assert step.restart
    assert SECRET not in back.text
    assert "other" not in back.text


@pytest.mark.parametrize("url", [URL, "postgresql://host/shop?user=me&password=x", "sqlite:///f?key=x&cache=shared"])
def test_a_masked_password_is_asked_for_before_anything_starts(url: str) -> None:
    reopened = parse(CATALOG, scenario(url).to_dict(masked=True))

    with pytest.raises(OptionError, match=r"write the database's into workload\.url again") as caught:
        packages(CATALOG, reopened)
    assert caught.value.where == "workload.url"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("shop", "workload.url (URL) cannot be used: it must look like postgresql://user:password@host/name"),
        (f"{SECRET}://me", "cannot be used: its driver is not known"),
        ("postgresql://me:hun@ter2@host/shop", "(URL) cannot be used: an @ in its password must be written as %40."),
        ("postgresql://me:hun@ter:2@host", "(URL) cannot be used: an @ in its password must be written as %40."),
        ("postgresql://me:x@host:fivefour/shop", "(URL) cannot be used: its port is not a number."),
        ("sqlite://", "a database in memory belongs to one connection alone"),
        ("sqlite:///:memory:", "a database in memory belongs to one connection alone"),
    ],
)
def test_what_is_no_url_of_a_database_is_refused(url: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        scenario(url)
    assert words in str(caught.value)
    assert caught.value.where == "workload.url"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("dispatch", "url", "package"),
    [
        ("coroutine", "", "aiosqlite"),
        ("coroutine", "sqlite:///a.db", "aiosqlite"),
        ("thread_pool", "sqlite+aiosqlite:///a.db", "sqlite3"),
        ("thread_pool", URL, "psycopg"),
        ("coroutine", "postgresql+psycopg2://host/shop", "psycopg"),
        ("coroutine", "postgresql+asyncpg://host/shop", "asyncpg"),
        ("thread_pool", "mssql+pyodbc://host/shop", "pyodbc"),
    ],
)
def test_the_driver_follows_from_database_and_dispatch(dispatch: str, url: str, package: str) -> None:
    chosen = parse(CATALOG, {"dispatch": dispatch, "workload": {"id": "database", "url": url}})

    assert package in packages(CATALOG, chosen)


def test_a_database_that_cannot_be_awaited_is_refused() -> None:
    chosen = parse(CATALOG, {"dispatch": "coroutine", "workload": {"id": "database", "url": "mssql+pyodbc://h/d"}})

    with pytest.raises(OptionError, match="No driver for mssql that can be awaited is known"):
        packages(CATALOG, chosen)
