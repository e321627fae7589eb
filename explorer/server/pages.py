"""The pages beside the handlers: a door page, health, and /docs that works without a network."""

import html
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from explorer.paths import resources

ASSETS: Final = "/docs/assets"
DOOR: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em }}</style></head>
<body><h1>{title}</h1><p>{summary}</p>
<ul>{links}</ul></body></html>
"""


def add_pages(app: FastAPI, about: str, jobs: dict[str, str]) -> None:
    """Add `/`, `/health` and `/docs`. `jobs` gives a sentence for each path that a handler answers at."""
    app.add_api_route("/", _door(app.title, about, jobs), methods=["GET"], include_in_schema=False)
    # Without a model of its answer, which would take longer to make than all the rest of an app.
    summary = "Whether the server answers, and which process does."
    app.add_api_route("/health", health, methods=["GET"], summary=summary, response_model=None)
    _add_docs(app, resources() / "swagger")


async def health() -> dict[str, str | int]:
    """Answered by the event loop itself, whatever the handlers do."""
    return {"status": "ok", "pid": os.getpid()}


def _door(title: str, summary: str, jobs: dict[str, str]) -> Callable[[], Awaitable[HTMLResponse]]:
    links = "".join(f'<li><a href="{path}">{path}</a>: {html.escape(what)}</li>' for path, what in jobs.items())
    links += '<li><a href="/docs">/docs</a>: try the paths by hand.</li>'
    page = DOOR.format(title=html.escape(title), summary=html.escape(summary), links=links)

    async def door() -> HTMLResponse:
        return HTMLResponse(page)

    return door


def _add_docs(app: FastAPI, assets: Path) -> None:
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=f"{app.title}: try it",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon-32x32.png",
    )

    async def docs() -> HTMLResponse:
        return page

    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
    app.mount(ASSETS, StaticFiles(directory=assets), name="docs assets")
