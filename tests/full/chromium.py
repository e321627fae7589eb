"""A headless Chromium, driven by its DevTools protocol over a WebSocket on loopback."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import ClientConnection, connect

from tests.full.outcome import Failed, Skipped
from tests.waiting import wait_until

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
START_S: Final = 60.0
ANSWER_S: Final = 120.0


def program() -> str:
    """The browser that is installed here; `Skipped` if there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise Skipped("this needs Chromium; install it with: apt install chromium")


class Page:
    """The one page of a browser."""

    def __init__(self, socket: ClientConnection, domains: Sequence[str] = ("Page", "Runtime", "Log")) -> None:
        self._socket = socket
        self._number = 0
        self.said: list[str] = []
        """What the page wrote to its console, and errors that nobody caught."""
        self.logged: list[str] = []
        """What the browser itself noted: what a content security policy forbade, what could not be loaded."""
        for domain in domains:
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its result."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(ANSWER_S))
            if message.get("id") == self._number:
                if "error" in message:
                    raise Failed(f"{method}: {message['error'].get('message')}")
                result = message["result"]
                assert isinstance(result, dict)
                return result
            self._hear(message)

    def evaluate(self, script: str) -> Any:
        """The value of an expression, awaited if it is a promise; `Failed` if it throws."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise Failed(str(details.get("exception", {}).get("description") or details.get("text"))[:500])
        return found["result"].get("value")

    def open(self, url: str) -> None:
        """Go to a page."""
        self.call("Page.navigate", url=url)

    def wait_for(self, script: str, what: str, limit: float = 120.0) -> None:
        """Wait until an expression is true."""
        wait_until(lambda: bool(self.evaluate(script)), limit, what)

    def press(self, key: str, code: str, number: int, modifiers: int = 0) -> None:
        """Press a key and let it go; `number` is its virtual key code."""
        common = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        text = {"text": key} if len(key) == 1 and not modifiers else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def click(self, x: float, y: float) -> None:
        """Click a point of the page."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def shoot(self, file: Path) -> None:
        """Write what is seen as a PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def _hear(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.said.append(str(details.get("exception", {}).get("description") or details.get("text")))
        elif message.get("method") == "Log.entryAdded":
            self.logged.append(str(parameters["entry"].get("text")))
        elif message.get("method") == "Runtime.consoleAPICalled":
            self.said.append(" ".join(str(each.get("value", "")) for each in parameters["args"]))


@contextmanager
def browser(width: int, height: int) -> Iterator[tuple[Page, str]]:
    """A browser with an empty page of this size, and its version; it ends with the block."""
    with _started(width, height) as address:
        page = next(one for one in _ask(address) if one["type"] == "page")
        version = _ask(f"{address}/version")["Browser"]
        with connect(page["webSocketDebuggerUrl"], max_size=None, origin=None, open_timeout=START_S) as socket:
            found = Page(socket)
            _size(found, width, height)
            yield found, str(version)


@contextmanager
def crowd(number: int, width: int, height: int, density: float = 1.0) -> Iterator[tuple[list[Page], str]]:
    """A browser with so many empty pages, each as alone as in a browser of its own (they share no connections and
    nothing that is kept), and its version.
    """
    with _started(width, height) as address, ExitStack() as stack:
        told = _ask(f"{address}/version")

        def attend(url: str) -> ClientConnection:
            return stack.enter_context(connect(url, max_size=None, origin=None, open_timeout=START_S))

        whole = Page(attend(told["webSocketDebuggerUrl"]), ())
        pages = []
        for _ in range(number):
            context = whole.call("Target.createBrowserContext")["browserContextId"]
            target = whole.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
            there = address.replace("http", "ws", 1).removesuffix("/json")
            pages.append(Page(attend(f"{there}/devtools/page/{target}")))
            _size(pages[-1], width, height, density)
        yield pages, str(told["Browser"])


@contextmanager
def _started(width: int, height: int) -> Iterator[str]:
    """A browser, and where it is to be asked; it ends with the block."""
    path = program()
    with tempfile.TemporaryDirectory(prefix="explorer-chromium-", ignore_cleanup_errors=True) as folder:
        words = [path, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", "--no-first-run"]
        words += [f"--window-size={width},{height}", "--hide-scrollbars", "--disable-gpu", "--disable-dev-shm-usage"]
        words += ["--disable-background-networking", "--disable-component-update"]
        # Many pages at once: the browser would let those rest that it takes to be covered by others.
        words += ["--disable-background-timer-throttling", "--disable-renderer-backgrounding"]
        words += ["--disable-backgrounding-occluded-windows", "about:blank"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.insert(1, "--no-sandbox")  # Chromium refuses to start for root otherwise
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = Path(folder, "DevToolsActivePort")
            wait_until(lambda: told.is_file() and len(told.read_text().split()) == 2, START_S, "the browser")
            address = f"http://127.0.0.1:{told.read_text().split()[0]}/json"
            wait_until(lambda: any(one["type"] == "page" for one in _ask(address)), START_S, "its page")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _size(page: Page, width: int, height: int, density: float = 1.0) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=density, mobile=False)


def _ask(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return json.load(answer)
