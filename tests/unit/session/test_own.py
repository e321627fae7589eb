"""What a session keeps and writes down of an app's routes, and what it asks nobody for."""

import asyncio
import json
from pathlib import Path

import pytest

from explorer.options import OptionError
from explorer.own_app import AppKnobs, RouteKnobs
from explorer.session.inquiry import ask_routes
from explorer.session.own import News, asked, recorded

ROUTES = {"type": "event", "event": "routes", "templates": {"/a/1?key=hunter2": "/a/{n}"}}


def test_no_query_is_written_down_and_the_template_is_found_without_it() -> None:
    assert "hunter2" not in json.dumps(recorded(ROUTES))
    news = News(lambda event: None)
    news.hear(ROUTES)
    assert news.templates == {"/a/1": "/a/{n}"}
    route = RouteKnobs(path="/a/1?key=hunter3")
    assert asked(AppKnobs(target="main:app"), route, news.templates)["name"] == "/a/{n}"


def test_an_app_is_not_imported_with_stars_for_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("open('imported', 'w')\n", encoding="utf-8")
    app = AppKnobs(target="main:app", folder=str(tmp_path), environment={"TOKEN": "***"})
    with pytest.raises(OptionError, match="does not hold the value of TOKEN"):
        asyncio.run(ask_routes(app))
    assert not (tmp_path / "imported").exists()
