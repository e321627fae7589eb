"""Runs duels on the window's own loop, one at a time, and keeps the last few on disk.

The window's run is stopped first: two servers at once would take each other's cores. The spare session of `Control`
stays where it is; its processes wait and take none.
"""

import asyncio
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from explorer.collect.source import Array
from explorer.desktop.control import Control
from explorer.desktop.duel.shown import Shown, shown
from explorer.option_error import OptionError
from explorer.paths import user_data
from explorer.recording.file_source import FileSource
from explorer.session import duel_file
from explorer.session.duel import MEMORY, NOT_ONCE, Duel
from explorer.session.duel_plan import Plan
from explorer.session.duel_result import as_json
from explorer.session.duel_sends import Sends
from explorer.store.store import Store

KEPT: Final = 5
"""Duels that stay on disk although nobody saved them."""
ABANDONED_S: Final = 24 * 3600
"""A folder in which nothing has changed for so long, and that holds no whole duel, is nobody's any more."""
LOOK_S: Final = 0.1


class DuelRun(QObject):
    """`progressed(Progress)`, or of one that is read from disk `read(share)` from 0 to 1, then `finished(Shown)` or
    `failed(sentence, details)`; `warned(sentence)` in between.

    After `save` follows `saved(Shown)` or `not_saved(sentence)`.
    """

    progressed = Signal(object)
    read = Signal(float)
    finished = Signal(object)
    failed = Signal(str, str)
    warned = Signal(str)
    saved = Signal(object)
    not_saved = Signal(str)

    def __init__(self, control: Control, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._folder = folder or user_data() / "duels"
        self._duel: Duel | None = None
        self._task: asyncio.Task[Any] | None = None
        self._reading = _Reading()
        self._unwanted = False

    @property
    def running(self) -> bool:
        """Whether a duel goes on, or is being read."""
        return self._task is not None and not self._task.done()

    def start(self, plan: Plan) -> None:
        """Run a duel, if none runs."""
        if not self.running:
            self._unwanted = False
            self._task = self._control.accompany(self._run(plan))

    def cancel(self) -> None:
        """End it; what is whole is compared nevertheless. Of one that is read nothing is shown."""
        self._unwanted = self._reading.unwanted = True
        if self._duel is not None:
            self._duel.cancel()

    def open(self, path: Path) -> None:
        """Show a duel that lies on disk: its folder or its duel.json."""
        if not self.running:
            self._reading = _Reading()
            self._task = self._control.accompany(self._open(path))

    def recent(self) -> Sequence[tuple[str, Path]]:
        """Duels that are on disk, newest first: what they are called and where they lie."""
        found = []
        for file in sorted(self._folder.glob(f"*/{duel_file.NAME}"), key=_changed, reverse=True)[:KEPT]:
            try:
                folder, told = duel_file.read(file)
            except OptionError:
                continue
            titles = " or ".join(str(run["title"]) for run in told["runs"])
            when = time.strftime("%d %b %H:%M", time.localtime(_changed(file)))
            found.append((f"{titles}, {when}", folder))
        return found

    def save(self, duel: Shown, folder: Path) -> None:
        """Copy a duel to a folder of the user's."""
        self._control.accompany(self._save(duel, folder))

    async def _save(self, duel: Shown, folder: Path) -> None:
        try:
            await asyncio.to_thread(_copy, duel, folder)
        except OptionError as error:
            self.not_saved.emit(str(error))
        else:
            self.saved.emit(replace(duel, folder=folder, saved=True))

    async def _run(self, plan: Plan) -> None:
        folder: Path | None = None
        whole = False
        try:
            await self._end_window_run()
            if self._unwanted:
                raise OptionError(NOT_ONCE)
            folder = self._new_folder()
            duel = self._duel = Duel(
                self._control.catalog,
                plan,
                told=self.progressed.emit,
                said=self.warned.emit,
                folder=folder,
                label="window",
                interpreters=self._control.interpreters.finder,
            )
            told = as_json(await duel.run())
            duel_file.write(folder, told)
            whole = True
        except OptionError as error:
            self.failed.emit(str(error), error.details)
            return
        finally:
            self._duel = None
            if folder is not None and not whole:
                shutil.rmtree(folder, ignore_errors=True)
        self._trim()
        kept = [(duel.kept.stores[place], duel.kept.requests[place]) for place in range(len(plan.scenarios))]
        self.finished.emit(shown(told, kept, folder))

    async def _end_window_run(self) -> None:
        control = self._control
        if control.state in ("starting", "running"):
            control.stop()
        over = asyncio.Event()

        def look(state: str) -> None:
            if state not in ("starting", "running", "stopping"):
                over.set()

        control.state_changed.connect(look)
        try:
            look(control.state)
            await over.wait()
        finally:
            control.state_changed.disconnect(look)

    async def _open(self, path: Path) -> None:
        try:
            folder, told = duel_file.read(path)
            count = len(told["runs"])
            runs = [await self._read(duel_file.recording_of(folder, place), place, count) for place in range(count)]
        except OptionError as error:
            self.failed.emit(str(error), error.details)
            return
        self.finished.emit(shown(told, runs, folder, saved=self._folder not in folder.parents))

    async def _read(self, file: Path, place: int, count: int) -> tuple[Store, Array]:
        """A recording, number `place` of `count`; says meanwhile how far all are."""
        reading = self._reading
        reading.share = 0.0
        work = asyncio.ensure_future(asyncio.to_thread(_read, file, reading))
        try:
            while not work.done():
                await asyncio.wait((work,), timeout=LOOK_S)
                self.read.emit((place + reading.share) / count)
            return await work
        except asyncio.CancelledError:  # the window closes: it need not wait for the thread
            reading.unwanted = True
            raise

    def _new_folder(self) -> Path:
        folder = self._folder / time.strftime("%Y-%m-%d %H.%M.%S")
        number = 1
        while folder.exists():
            number += 1
            folder = folder.with_name(f"{folder.name.split(' (')[0]} ({number})")
        duel_file.prepare_folder(folder)
        folder.chmod(0o700)
        return folder

    def _trim(self) -> None:
        """Let the oldest go, and what a crash has left; a duel that goes on in another window is not whole yet."""
        whole = sorted(self._folder.glob(f"*/{duel_file.NAME}"), key=_changed, reverse=True)
        ended, keep = {file.parent for file in whole}, {file.parent for file in whole[:KEPT]}
        for folder in self._folder.iterdir():
            if folder not in keep and (folder in ended or time.time() - _changed(folder) > ABANDONED_S):
                shutil.rmtree(folder, ignore_errors=True)


def _copy(duel: Shown, folder: Path) -> None:
    """Copy a duel to another folder; on a thread of its own, since recordings may be large. Raises `OptionError`."""
    if duel.folder is None or not duel.folder.is_dir():
        raise OptionError("The recordings of this duel are gone; run it again.")
    duel_file.prepare_folder(folder)
    try:
        for place in range(len(duel.lanes)):
            shutil.copyfile(duel_file.recording_of(duel.folder, place), duel_file.recording_of(folder, place))
        duel_file.write(folder, duel.told)
    except OSError as error:
        duel_file.discard(folder)
        raise OptionError(f"{folder} cannot be written ({error.strerror or error}). Choose another one.") from None
    except OptionError:
        duel_file.discard(folder)
        raise


@dataclass(slots=True)
class _Reading:
    """What a thread that reads a recording and the window share; each attribute has one writer."""

    share: float = 0.0
    unwanted: bool = False


def _read(file: Path, reading: _Reading) -> tuple[Store, Array]:
    """All of a recording, and what its load sent; on a thread of its own, as it may be long. Raises `OptionError`."""
    store, sends, source = Store(MEMORY), Sends(), FileSource(file)
    try:
        while not source.finished:
            if reading.unwanted:
                raise OptionError("It was not opened, because you ended that.")
            reading.share = source.progress
            batch = source.poll()
            store.append(batch)
            sends.feed(batch)
    finally:
        source.close()
    return store, sends.requests


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
