"""The features of the server as the catalogue lists them."""

import ast
import importlib
import inspect
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import explorer
from explorer.catalog import SECTIONS, Catalog, Feature
from explorer.records.states import State

CHECKOUT = Path(explorer.__file__).parent.parent
CATALOG = Catalog()
ALL = [feature for section in SECTIONS for feature in CATALOG.all(section)]
EXPECTED = {
    "model": ["event_loop", "prefork", "thread_per_connection", "process_per_connection", "window_loop"],
    "dispatch": ["coroutine", "blocking_coroutine", "thread_pool", "process_pool", "interpreter_pool", "cluster"],
    "workload": [
        "sleep",
        "cpu_python",
        "cpu_native",
        "mixed",
        "file_io",
        "http_upstream",
        "fan_out",
        "background",
        "database",
        "bank_transfer",
        "websocket",
        "sse",
        "timers",
        "db_events",
        "queue",
        "shared_counter",
        "gc_pressure",
        "lost_update",
        "check_then_act",
        "convoy",
        "reader_starvation",
        "producer_consumer",
        "semaphore_limit",
        "priority_inversion",
        "lock_order_deadlock",
        "dining_philosophers",
        "lock_in_async",
        "lock_across_await",
    ],
}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_features_come_in_their_order(section: str) -> None:
    assert [feature.id for feature in CATALOG.all(section)] == EXPECTED[section]


def test_listing_the_catalogue_loads_neither_the_framework_nor_a_body() -> None:
    code = (
        "import sys; from explorer.catalog import Catalog; Catalog(); "
        "print(*[m for m in sys.modules if m.split('.')[0] in ('fastapi', 'starlette', 'uvicorn', 'anyio', 'numpy')"
        " or m.endswith(('.body', '.handler'))])"
    )

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == []


@pytest.mark.parametrize("feature", ALL, ids=lambda feature: feature.id)
def test_words_fit_where_they_are_shown(feature: Feature) -> None:
    assert len(feature.short) <= 24
    assert feature.summary.endswith(".")
    assert feature.group


@pytest.mark.parametrize("feature", ALL, ids=lambda feature: feature.id)
def test_pictures_stay_in_their_frame_and_bars_of_a_row_do_not_overlap(feature: Feature) -> None:
    rows: dict[float, list[tuple[float, float]]] = {}
    assert feature.picture
    for row, start, length, state in feature.picture:
        assert start >= 0
        assert length > 0
        assert start + length <= 1
        assert state is not State.NONE
        rows.setdefault(row, []).append((start, start + length))
    for bars in rows.values():
        bars.sort()
        assert all(first[1] <= second[0] + 1e-9 for first, second in pairwise(bars))


@pytest.mark.parametrize("feature", ALL, ids=lambda feature: feature.id)
def test_entries_exist(feature: Feature) -> None:
    for package in feature.needs:
        pytest.importorskip(package)
    module, _, name = feature.entry.partition(":")

    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("workload", CATALOG.all("workload"), ids=lambda feature: feature.id)
def test_a_workload_has_the_forms_it_names(workload: Feature) -> None:
    body = importlib.import_module(workload.entry.partition(":")[0])

    for form in ("awaiting", "blocking"):
        assert hasattr(body, form) == (form in workload.forms)
        if form not in workload.forms:
            assert workload.no_form[form].endswith(".")
    if "awaiting" in workload.forms:
        assert inspect.iscoroutinefunction(body.awaiting)


@pytest.mark.parametrize("workload", CATALOG.all("workload"), ids=lambda feature: feature.id)
def test_traced_calls_exist_and_the_body_makes_them_by_their_module(workload: Feature) -> None:
    body = importlib.import_module(workload.entry.partition(":")[0])
    source = inspect.getsource(body)

    for call in workload.calls:
        module, _, name = call.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
        assert f"{call}(" in source


@pytest.mark.parametrize("workload", CATALOG.all("workload"), ids=lambda feature: feature.id)
def test_a_body_needs_nothing_but_the_standard_library(workload: Feature) -> None:
    module = workload.entry.partition(":")[0]
    if workload.needs:
        folder = Path(inspect.getfile(importlib.import_module(module))).parent
        own = f"explorer.server.workloads.{folder.name}"
        imported = _imports(folder / "body.py")
        assert {name for name in imported if not name.startswith((own, "explorer.server.engines"))} <= (
            sys.stdlib_module_names | set(workload.needs)
        )
        return
    # Without site there is nothing else to be had: an import of more would fail.
    command = [sys.executable, "-S", "-E", "-c", f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import {module}"]

    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def _imports(file: Path) -> set[str]:
    """What a module imports: top-level packages, but modules of the explorer by their whole path."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name if name.startswith("explorer") else name.partition(".")[0] for name in found}


@pytest.mark.parametrize("workload", CATALOG.all("workload"), ids=lambda feature: feature.id)
def test_probes_of_a_workload_exist(workload: Feature) -> None:
    for probe in workload.probes:
        module, _, name = probe.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_the_window_loop_needs_something_to_show_its_window_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("importlib.util.find_spec", lambda package: package)
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(other, raising=False)
    model = CATALOG.get("model", "window_loop")
    assert "there is no display; start this from a desktop session" in (model.available() or "")

    monkeypatch.setenv(name, "anything")

    assert model.available() is None


def test_the_window_loop_needs_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda package: None if package == "PySide6" else package)

    assert "PySide6 cannot be imported" in (CATALOG.get("model", "window_loop").available() or "")
