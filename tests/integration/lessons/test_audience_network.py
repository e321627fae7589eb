"""From another machine of the network only the gateway's page answers: nothing else of the explorer is there.

The other machine is a network namespace at the other end of a cable; all ports of this one are tried from there.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
import pytest

from explorer.lessons.audience.addresses import Address
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.reach import reach
from tests import networks
from tests.integration.session.stage import Stage

pytestmark = pytest.mark.skipif(bool(networks.missing()), reason=networks.missing())

KNOCK: Final = """
import http.client, json, socket, sys
host, port, token = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ports = [int(each) for each in sys.argv[4].split(",")]
found = {"open": [], "answers": {}}
for each in ports:
    try:
        socket.create_connection((host, each), 5).close()
        found["open"].append(each)
    except OSError:
        pass
def ask(method, path, body=None):
    there = http.client.HTTPConnection(host, port, timeout=20)
    there.request(method, path, body)
    answer = there.getresponse()
    found["answers"][f"{method} {path}"] = [answer.status, len(answer.read())]
    there.close()
for path in ("/", "/docs", "/redoc", "/openapi.json", "/job", "/metrics", "/" + token[::-1], "/index.html"):
    ask("GET", path)
for path in ("docs", "openapi.json", "job", "../docs", "..%2f..%2fetc%2fpasswd", "page.py", "run.json"):
    ask("GET", f"/{token}/{path}")
for what in ("attach", "detach", "stop", "ask", "figures", "job"):
    ask("POST", f"/{token}/{what}", "{}")
ask("GET", f"/{token}")
ask("POST", f"/{token}/hello", "{}")
print(json.dumps(found))
"""


async def test_only_the_page_is_reachable_from_the_network() -> None:
    with networks.Networks(1) as net:
        machine = net.machines[0]
        stage, audience = Stage(), Audience()
        try:
            await stage.start("load.users=1")
            opened = await audience.open(Address(machine.host, "cable"), 0)
            found = reach(stage.catalog, stage.session)
            assert found is not None
            audience.attach(found)
            port = urlsplit(opened.url).port
            server = urlsplit(stage.session.url).port
            assert port
            assert server
            listening = _listening()
            assert {port, server} <= listening
            ports = ",".join(str(each) for each in sorted(listening))
            words = ["python3", "-c", KNOCK, machine.host, str(port), opened.token, ports]
            told = await asyncio.to_thread(_there, [*machine.run(), *words])
            # Other programs of this machine may listen on all addresses; ours are known by their processes.
            ours = _listening(_own)
            assert server in ours
            assert set(told["open"]) & ours == {port}
            answers = told["answers"]
            good = [f"GET /{opened.token}", f"POST /{opened.token}/hello"]
            assert [answers.pop(each)[0] for each in good] == [200, 200]
            assert {tuple(answer) for answer in answers.values()} == {(404, 0)}, answers
        finally:
            await audience.close()
            await stage.close()


async def test_the_gateway_listens_at_the_address_that_was_agreed_to_and_at_no_other() -> None:
    audience = Audience()
    try:
        opened = await audience.open(Address("127.0.0.1", "lo"), 0)
        port = urlsplit(opened.url).port
        where = {each.laddr.ip for each in psutil.net_connections("tcp") if each.laddr and each.laddr.port == port}
        assert where == {"127.0.0.1"}
    finally:
        await audience.close()


def _there(words: list[str]) -> dict[str, Any]:
    answer = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def _listening(whose: Callable[[int], bool] = lambda pid: True) -> set[int]:
    return {
        each.laddr.port
        for each in psutil.net_connections("tcp")
        if each.laddr and each.status == psutil.CONN_LISTEN and whose(each.pid or 0)
    }


def _own(pid: int) -> bool:
    """Whether this process, or one that it started, is meant."""
    me = psutil.Process()
    return pid in {me.pid, *(child.pid for child in me.children(recursive=True))}
