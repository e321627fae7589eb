"""`html_report`: reports of a real run and of a duel in headless Chromium: no error, nothing asked for, and the
timeline obeys.

A run is recorded, exported by the command line, and opened from the disk. Wheel, drag, keys and pointer go in as a
browser's own events; what the viewer then says and shows is checked. Pictures of both colour schemes, 1280 and 1920
wide, and of the printed page are left in a folder to be looked at.
"""

import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.full.chromium import Page, browser
from tests.full.outcome import Failed

RUN: Final = ("run", "--dispatch", "thread_pool", "--workload", "mixed", "--users", "12", "--duration", "6")
LIMIT_S: Final = 180.0
WIDTHS: Final = (1280, 1920)
SAYS: Final = "document.getElementById('view').textContent"
BOX: Final = (
    "(({left, top, width, height}) => [left, top, width, height])"
    "(document.getElementById('lanes').getBoundingClientRect())"
)
ASKED: Final = (
    "performance.getEntriesByType('resource').map(one => one.name).filter(one => !one.startsWith('data:')).join()"
)
HOSTILE: Final = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>"


def run() -> str:
    """Make a report, look at it, and say what the viewer did; raises `Failed`."""
    folder = Path(tempfile.mkdtemp(prefix="explorer-report-"))
    report = folder / "report.html"
    recording = folder / "run.cxrec"
    _explorer(*RUN, "--record", str(recording))
    _explorer("export", str(recording), "-o", str(report))
    trace = folder / "hostile.json"
    trace.write_text(json.dumps(_hostile()))
    _explorer("export", str(trace), "-o", str(folder / "hostile.html"))
    duel = _duel(folder)
    with browser(WIDTHS[0], 900) as (page, version):
        _look_at_duel(page, duel, folder)
        _open(page, report)
        if asked := page.evaluate(ASKED):
            raise Failed(f"the page asks for {asked}")
        said = _gestures(page)
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                _shoot(page, report, folder / f"{scheme}-{width}.png", scheme, width)
        _print(page, folder / "printed.pdf")
        _open(page, folder / "hostile.html")
        if page.evaluate("window.broken") or page.evaluate("document.querySelectorAll('img').length") > 1:
            raise Failed("a name in the run became markup")
        if page.said or page.logged:
            raise Failed(f"the console says: {[*page.said, *page.logged]}")
    told = "; ".join(f"{gesture}: {words}" for gesture, words in said.items())
    return f"{version}, {report.stat().st_size / 1e6:.2f} MB, pictures in {folder}; {told}"


def _duel(folder: Path) -> Path:
    """The report of a short duel; its texts try to be markup."""
    scenarios = []
    for name in ("coroutine", "thread_pool"):
        scenarios.append(folder / f"{name}.toml")
        scenarios[-1].write_text(f'name = "{HOSTILE}"\ndispatch = "{name}"\n[load]\nusers = 5\n')
    kept, report = folder / "duel", folder / "duel.html"
    _explorer("duel", *map(str, scenarios), "--repeat", "2", "--duration", "4", "--record", str(kept))
    _explorer("export", str(kept), "-o", str(report))
    return report


def _look_at_duel(page: Page, report: Path, folder: Path) -> None:
    whole = "[...document.images].every(one => one.complete && one.naturalWidth > 1000) && document.images.length"
    for scheme in ("light", "dark"):
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.open(report.as_uri())
        page.wait_for(f"location.href.endsWith('{report.name}') && ({whole}) === 2", "the lanes of both runs")
        found = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        (folder / f"duel-{scheme}.png").write_bytes(base64.b64decode(found["data"]))
    if page.evaluate("window.broken"):
        raise Failed("a name in the duel became markup")
    if asked := page.evaluate(ASKED):
        raise Failed(f"the report of a duel asks for {asked}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        raise Failed("the report of a duel is wider than the window")


def _explorer(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "explorer", *words], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode:
        raise Failed(f"{words[0]} ended with {done.returncode}: {done.stderr[-500:]}")


def _hostile() -> list[dict[str, Any]]:
    names = [
        {"ph": "M", "name": kind, "pid": 1, "tid": 1, "args": {"name": HOSTILE}}
        for kind in ("process_name", "thread_name")
    ]
    return [*names, {"ph": "X", "name": HOSTILE, "ts": 0, "dur": 10, "pid": 1, "tid": 1, "cat": HOSTILE}]


def _open(page: Page, file: Path) -> None:
    page.open(file.as_uri())
    page.wait_for(
        f"document.readyState === 'complete' && location.href.endsWith('{file.name}') && {SAYS} !== ''", "the lanes"
    )


def _gestures(page: Page) -> dict[str, str]:
    """What the viewer says after each gesture."""
    said = {"at first": str(page.evaluate(SAYS))}
    page.evaluate("document.getElementById('viewer').scrollIntoView()")
    place = page.evaluate(BOX)
    x, y = place[0] + place[2] * 0.6, place[1] + 60

    def after(name: str, change: Any, *, changes: bool = True) -> None:
        before = page.evaluate(SAYS)
        change()
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        said[name] = str(page.evaluate(SAYS))
        if (said[name] != before) != changes:
            raise Failed(f"{name}: the viewer says '{said[name]}', before '{before}'")

    def wheel(turns: int) -> None:
        for _ in range(abs(turns)):
            page.call(
                "Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-240 if turns > 0 else 240
            )

    def drag() -> None:
        for kind, left in (("mousePressed", x), ("mouseMoved", x - 90), ("mouseReleased", x - 90)):
            page.call("Input.dispatchMouseEvent", type=kind, x=left, y=y, button="left", clickCount=1, buttons=1)

    at = "document.getElementById('lanes')"
    after("wheel in", lambda: wheel(8))
    after("drag", drag)
    after("wheel out", lambda: wheel(-3))
    page.evaluate(f"{at}.focus()")
    after("key W", lambda: page.press("w", "KeyW", 87))
    after("key D", lambda: page.press("d", "KeyD", 68))
    after("next span", lambda: page.press(".", "Period", 190))
    after("Home", lambda: page.press("Home", "Home", 36))
    _hover(page, said)
    return said


def _hover(page: Page, said: dict[str, str]) -> None:
    """Point at lane after lane until a span answers."""
    page.evaluate("document.getElementById('viewer').scrollIntoView()")
    left, top, wide, high = page.evaluate(BOX)
    shown = "document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent"
    for _ in range(9):
        page.call("Input.dispatchMouseEvent", type="mouseWheel", x=left + wide * 0.6, y=top + 60, deltaX=0, deltaY=-600)
        for y in range(40, int(min(high, 800)), 12):
            page.call("Input.dispatchMouseEvent", type="mouseMoved", x=left + wide * 0.6, y=top + y)
            if told := page.evaluate(shown):
                said["hover"] = str(told)
                return
    raise Failed("no span answers the pointer")


def _shoot(page: Page, report: Path, picture: Path, scheme: str, width: int) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)
    _open(page, report)
    found = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
    picture.write_bytes(base64.b64decode(found["data"]))
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        raise Failed(f"{scheme}, {width} wide: the page is wider than the window")


def _print(page: Page, file: Path) -> None:
    file.write_bytes(
        base64.b64decode(page.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.7)["data"])
    )
