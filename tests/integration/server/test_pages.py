"""The pages beside the handlers."""

import json
import re

from tests.integration.server.conftest import Serve


def test_docs_work_without_a_network(serve: Serve) -> None:
    running = serve()

    status, page = running.get("/docs")

    assert status == 200
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert addresses
    for address in addresses:
        assert address.startswith("/"), address
        assert running.get(address)[0] == 200
    assert "http://" not in page
    assert "https://" not in page


def test_the_schema_lists_what_people_may_call(serve: Serve) -> None:
    schema = json.loads(serve().get("/openapi.json")[1])

    assert set(schema["paths"]) == {"/job", "/health"}


def test_health_is_answered_by_the_serving_process(serve: Serve) -> None:
    running = serve()

    assert json.loads(running.get("/health")[1]) == {"status": "ok", "pid": running.child.pid}


def test_the_door_page_names_job_and_docs(serve: Serve) -> None:
    status, page = serve().get("/")

    assert status == 200
    assert 'href="/job"' in page
    assert 'href="/docs"' in page


def test_unknown_routes_are_not_found(serve: Serve) -> None:
    assert serve().get("/nothing/here")[0] == 404
