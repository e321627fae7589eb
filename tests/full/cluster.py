"""A Dask cluster on two machines whose clocks differ by 3.5 s: spans land where they belong, and no request is lost.

The machines are network namespaces, one of them in another time. What is true there is told by the calendar clock,
which all share: a job that only looks at it must lie, as a span on our clock, where that look says it was.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from explorer.cluster.jobs import Jobs
from explorer.option_error import OptionError
from explorer.records.clock import Anchor
from explorer.records.states import Kind, Role, TrackKind
from explorer.session import events
from tests.clusters import Foreign, can_certify, certificates
from tests.full.outcome import Failed, Skipped
from tests.full.suites import find
from tests.integration.session.stage import Stage
from tests.networks import Networks, missing

AHEAD_S = 3.5
WITHIN_NS = 20_000_000
LOOKS = 200
RATE = 20
DURATION_S = 8
SETTINGS = ("dispatch.id=cluster", "workload.id=sleep", "workload.seconds=0.1", "load.mode=rate", f"load.rate={RATE}")


def run() -> str:
    """Three runs: one that is looked at closely, one whose worker is killed, one with a worker of another Python."""
    reason = missing() or ("" if can_certify() else "this needs openssl, for certificates.")
    if reason:
        raise Skipped(reason)
    with tempfile.TemporaryDirectory(prefix="explorer-full-") as folder, Networks(2) as networks:
        tls = certificates(Path(folder) / "tls")
        with Foreign(Path(folder), tls) as cluster:
            first, second = networks.machines
            cluster.scheduler(host=first.host)
            cluster.worker(host=first.address, before=first.run(AHEAD_S))
            victim = cluster.worker(host=second.address, before=second.run())
            settings = (*SETTINGS, f"dispatch.address={cluster.address}", *tls.knobs)
            said = [asyncio.run(_look(settings)), asyncio.run(_kill(settings, victim))]
            said.append(_refuse(cluster, Path(folder), settings, second.address, second.run()))
    return "; ".join(said)


async def _look(settings: tuple[str, ...]) -> str:
    """Spans of both machines against the calendar, and against the requests that they belong to."""
    async with _Stage() as stage:
        await stage.start(*settings)
        anchor = Anchor.take()
        (place,) = stage.session._services._addresses.values()
        jobs = Jobs(place, None)
        await jobs.begin()
        walls = [int(wall) for wall in await asyncio.gather(*(jobs.run(time.time_ns) for _ in range(LOOKS)))]
        clocks = sorted(offset.ahead_ns / 1e9 for offset in jobs._roster.workers.values())
        await jobs.close()
        if len(clocks) != 2 or abs(clocks[1] - clocks[0] - AHEAD_S) > 0.1:
            raise Failed(f"the clocks of the two workers were measured as {clocks} s ahead")
        await stage.until(lambda: stage.count(Kind.JOB, "time_ns") >= LOOKS, what="the looks")
        await stage.until(lambda: stage.answered >= 3 * RATE, what="answers")
        await stage.session.stop()
        if stage.failures:
            raise Failed(f"requests failed: {stage.failures}")
        looks = stage.spans(Kind.JOB, "time_ns")
        middles = np.sort((looks["start"] + looks["end"]) // 2)
        truth = np.sort(np.array([anchor.monotonic_ns + wall - anchor.wall_ns for wall in walls]))
        off = np.abs(middles.astype(np.int64) - truth)
        if off.max() > WITHIN_NS:
            raise Failed(f"a span is {off.max() / 1e6:.1f} ms from where it belongs")
        outside = _outside(stage)
        labels = sorted(process.label for process in stage.children if process.host)
        errors = [float(re.findall(r"±([\d.]+)", label)[0]) for label in labels]
        if len(labels) != 2:
            raise Failed(f"these workers took part: {labels}")
        return (
            f"{LOOKS} spans of two clocks {AHEAD_S} s apart at most {off.max() / 1e6:.2f} ms from the truth "
            f"(said: ±{max(errors)} ms), jobs at most {outside / 1e6:.2f} ms outside of their requests"
        )


def _outside(stage: Stage) -> int:
    """By how much, in ns, a job on a worker's thread reaches out of its request at most."""
    threads = [number for number, track in stage.tracks.items() if track.kind is TrackKind.THREAD]
    jobs = stage.spans(Kind.JOB)
    jobs = jobs[np.isin(jobs["track"], threads)]
    requests = {request["request"]: request for request in stage.spans(Kind.REQUEST)}
    mine = [(job, requests[job["request"]]) for job in jobs if job["request"] in requests]
    if len(mine) < RATE:
        raise Failed(f"only {len(mine)} jobs belong to a request")
    most = max(max(int(each["start"]) - int(job["start"]), int(job["end"]) - int(each["end"])) for job, each in mine)
    if most > WITHIN_NS:
        raise Failed(f"a job reaches {most / 1e6:.1f} ms out of its request")
    return max(most, 0)


async def _kill(settings: tuple[str, ...], victim: "subprocess.Popen[bytes]") -> str:
    """One machine's worker is killed while both work."""
    async with _Stage() as stage:
        # The worker that is left can do twice as much as is asked for, so that the load ends when all is answered.
        await stage.start(*settings, "workload.seconds=0.05", f"load.duration={DURATION_S}")
        await stage.until(lambda: stage.answered >= RATE, what="answers")
        os.kill(victim.pid, signal.SIGKILL)
        await stage.until(lambda: [each for each in stage.markers if each.kind == "death"], what="the news")
        await stage.until(lambda: stage.said(events.LoadEnded), 2 * DURATION_S, what="the end of the load")
        await stage.session.stop()
        total = stage.log("load_total")[-1]
        (marker,) = [each for each in stage.markers if each.kind == "death"]
        served = int(np.count_nonzero(stage.spans(Kind.REQUEST)["argument"] & 0xFFFF_FFFF == 200))
        if not total["sent"] == total["ok"] == served:
            raise Failed(f"a worker's death lost requests: {total['ok']} of {total['sent']} answered, {served} served")
        if len(stage.pids(Role.CLUSTER)) != 3 or "was lost" not in marker.detail:
            raise Failed(f"a worker's death was told as: {marker.detail}")
        return f"a worker killed under load: {total['ok']} of {total['sent']} answered ('{marker.detail}')"


def _refuse(cluster: Foreign, folder: Path, settings: tuple[str, ...], host: str, before: list[str]) -> str:
    """A worker under another minor version of Python, with the same Dask."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    other = next((path for name, path in find().items() if name != here), None)
    if other is None:
        return "no other Python is here to be refused"
    subprocess.run([other, "-m", "venv", str(folder / "other")], check=True)
    python = str(folder / "other" / "bin" / "python")
    wanted = [f"{name}=={version(name)}" for name in ("dask", "distributed")]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True, timeout=300, capture_output=True)
    cluster.worker(host=host, before=before, python=python)

    async def ask() -> str:
        async with _Stage() as stage:
            try:
                await stage.start(*settings)
            except OptionError as error:
                return str(error)
            raise Failed("a worker of another Python was taken")

    sentence = asyncio.run(ask())
    if not re.search(rf"runs Python 3\.\d+, but here it is Python {here}", sentence):
        raise Failed(f"a worker of another Python was refused with: {sentence}")
    return f"another Python was refused: '{sentence}'"


class _Stage:
    """A stage that is closed whatever happens."""

    def __init__(self, make: Callable[[], Stage] = Stage) -> None:
        self._make = make

    async def __aenter__(self) -> Stage:
        self._stage = self._make()
        return self._stage

    async def __aexit__(self, *error: object) -> None:
        await self._stage.close()
