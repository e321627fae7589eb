"""Apps of a user's own in virtual environments that pip fills: with today's FastAPI, and one from before its hooks.

Each app runs under another Python where the machine has several.
"""

import itertools
import tempfile
from pathlib import Path

from tests.apps.build import App, install, write
from tests.apps.chat import CHAT
from tests.apps.notes import NOTES
from tests.apps.seen import check
from tests.apps.shop import SHOP
from tests.end2end.command import explorer
from tests.end2end.recorded import Recorded
from tests.full.outcome import Failed, Skipped
from tests.full.suites import find

OLDER = "fastapi==0.115.0"
"""Without OpenTelemetry, and with routers that are included route by route."""
MODELS = ("event_loop", "prefork", "thread_per_connection", "process_per_connection")


def run() -> str:
    """Run each app with both; which Python, FastAPI and model saw how many requests."""
    interpreters = find()
    if not interpreters:
        raise Skipped("no Python is installed whose virtual environments pip can fill.")
    said = []
    cases = itertools.product((SHOP, NOTES, CHAT), ((), (OLDER,)))
    pythons, models = itertools.cycle(interpreters.items()), itertools.cycle(MODELS)
    for (app, extra), (version, interpreter) in zip(cases, pythons, strict=False):
        # What the shop does with its database file when it begins allows for one process.
        model = next(one for one in models if app is not SHOP or one in ("event_loop", "thread_per_connection"))
        with tempfile.TemporaryDirectory(prefix="explorer-apps-") as folder:
            place = write(app, Path(folder) / app.name)
            install(app, place, interpreter, extra)
            said.append(f"{app.name} on {version} under {model}: {_run(app, place, model, bool(extra))}")
    return "; ".join(said)


def _run(app: App, place: Path, model: str, older: bool) -> str:
    scenario, recording = place.parent / "own.toml", place.parent / "own.cxrec"
    scenario.write_text(app.scenario(place, users=4, think_time=0.02, duration=4.0), encoding="utf-8")
    ended = explorer("run", scenario, "--model", model, "--record", recording, "--json", "-", limit=120)
    if ended.status:
        raise Failed(f"{app.name}: {ended.err}")
    figures = ended.figures
    try:
        check(app, Recorded(recording), figures)
    except AssertionError as error:
        raise Failed(f"{app.name} under {model}: {error}") from error
    source = "wrapper" if older else "hooks"
    if figures["operations"]["source"] != source:
        raise Failed(
            f"{app.name}: its operations should come from the {source}, not {figures['operations']['source']}."
        )
    return f"{figures['requests_total']['ok']} requests, by {source}"
