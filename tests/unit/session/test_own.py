"""What a session keeps and writes down of an app's routes, and what it asks nobody for."""

import asyncio
import json
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, RouteKnobs
from explorer.scenario import parse
from explorer.session.events import Warned
from explorer.session.inquiry import ask_routes
from explorer.session.own import MOST_OF_A_BODY, News, asked, recorded

ROUTES = {"type": "event", "event": "routes", "templates": {"/a/1?key=hunter2": "/a/{n}"}}


def test_no_query_is_written_down_and_the_template_is_found_without_it() -> None:
    assert "hunter2" not in json.dumps(recorded(ROUTES))
    news = News(lambda event: None)
    news.hear(ROUTES)
    assert news.templates == {"/a/1": "/a/{n}"}
    route = RouteKnobs(path="/a/1?key=hunter3")
    assert asked(AppKnobs(target="main:app"), route, news.templates)["name"] == "/a/{n}"


def told_of(status: int, body: str, *, own: bool = True) -> list[str]:
    """What is said of the first answer that failed, with a secret header."""
    heard: list[str] = []
    news = News(lambda event: heard.append(event.sentence if isinstance(event, Warned) else ""))
    route = {"path": "/a?key=hunter2", "headers": {"X-Key": 'say "hunter3"'}}
    news.serves(parse(Catalog(), {"app": {"target": "main:app", "route": [route]}} if own else {}))
    news.hear(news.veiled({"type": "event", "event": "refused", "status": status, "details": body}))
    return heard


def test_the_first_answer_that_failed_is_told_short_and_without_secrets() -> None:
    body = json.dumps({"detail": "no\n", "input": ["hunter2", 'say "hunter3"']})
    (sentence,) = told_of(422, body)
    assert sentence.startswith('The first request that failed was answered with 422: {"detail": "no')
    assert "hunter" not in sentence
    assert sentence.count("***") == 2
    (sentence,) = told_of(500, "x\x1b[31m\n" + "y" * 1000)
    assert sentence.endswith("500: x [31m " + "y" * (MOST_OF_A_BODY - 7) + "…")
    assert told_of(404, '{"detail":"Not Found"}') == told_of(500, "Internal Server Error") == []
    assert told_of(404, "") == told_of(503, "why", own=False) == []


def test_an_app_is_not_imported_with_stars_for_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("open('imported', 'w')\n", encoding="utf-8")
    app = AppKnobs(target="main:app", folder=str(tmp_path), environment={"TOKEN": "***"})
    with pytest.raises(OptionError, match="does not hold the value of TOKEN"):
        asyncio.run(ask_routes(app))
    assert not (tmp_path / "imported").exists()
