"""What all tests share: Qt without a screen, the leak checks, and two helpers.

The leak checks are one fixture that every test uses: autouse fixtures are set up first and torn down last, so what
the test's own fixtures clean up is gone by then.
"""

import gc
import importlib.util
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.paths import remove_run_folder, user_data
from tests import leaks, waiting

# Before anything imports Qt: no screen is needed, and pyqtgraph must not look for another binding.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
# A test's children must not join a run that the tests themselves are part of.
os.environ.pop("EXPLORER_RUN", None)


if importlib.util.find_spec("hypothesis"):  # not in every environment in which tests/unit runs
    from hypothesis import settings

    # A busy machine may take long over an example that is right.
    settings.register_profile("suite", deadline=None)
    settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Keep pytest-qt's settings known when it is switched off: tests/unit also runs where there is no Qt."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "pytest-qt's, unused here", type="linelist")


def pytest_sessionstart() -> None:
    """Mark what this session starts."""
    leaks.mark_session()


def pytest_collection_finish() -> None:
    """The test modules stay: windows, which look for garbage when they close, need not look through them each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def own_user_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs and settings of the tests stay out of the user's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield
        # What killed runs have left: their rings lie in memory, which nothing else gives back.
        for run in (user_data() / "runs").glob("*"):
            remove_run_folder(run)


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a process, a thread or a file open, or logs a warning that it did not announce."""
    uses_qt = "qapp" in request.fixturenames
    processes, threads, files = leaks.processes(), leaks.threads(), leaks.files()
    loggers = leaks.loggers()
    watch = leaks.LogWatch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    leaks.restore(loggers)
    faults = watch.complaints([mark.args[0] for mark in request.node.iter_markers("expects_log")])
    if lost := leaks.left_over(leaks.processes, processes):
        leaks.end(lost)
        faults.append(f"processes left running: {lost}")
    if lost := leaks.left_over(leaks.threads, threads):
        faults.append(f"threads left running: {lost}")
    # Qt opens fonts and pipes when it first needs them and keeps them.
    if not uses_qt and (lost := leaks.left_over(leaks.files, files)):
        faults.append(f"files left open: {lost}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`tests.waiting.wait_until`: poll a condition until it is true, or fail at a deadline."""
    return waiting.wait_until


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """An empty folder for a run, private to its owner as the real ones are."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder
