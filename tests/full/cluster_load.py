"""A load from two machines whose clocks differ by 3.5 s: what is merged here is what each of them and the server saw.

The machines are network namespaces, one of them in another time. Three things must agree to the last request: what the
server served, what the hosts counted, and the single requests that came from the hosts; and the percentiles of the
merged histograms must be those of the single latencies.
"""

import asyncio
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array
from explorer.load.histogram import Histogram
from explorer.option_error import OptionError
from explorer.records.states import Kind
from tests.clusters import Foreign, can_certify, certificates
from tests.full.outcome import Failed, Skipped
from tests.integration.session.stage import Stage
from tests.networks import Networks, missing

AHEAD_S: Final = 3.5
RATE: Final = 200
SECONDS: Final = 15
WITHIN: Final = 0.01
"""How far a merged percentile may be from the raw one."""
WITHIN_NS: Final = 20_000_000
SETTINGS: Final = (
    "dispatch.id=thread_pool",
    "dispatch.tokens=4",
    "workload.seconds=0.01",
    "load.mode=poisson",
    f"load.rate={RATE}",
    "load.where=cluster",
    "server.host=0.0.0.0",
)


def run() -> str:
    """Three runs: one that is refused, one that is looked at closely, one whose second machine is killed."""
    reason = missing() or ("" if can_certify() else "this needs openssl, for certificates.")
    if reason:
        raise Skipped(reason)
    with tempfile.TemporaryDirectory(prefix="explorer-full-") as folder, Networks(2) as networks:
        tls = certificates(Path(folder) / "tls")
        with Foreign(Path(folder), tls) as cluster:
            first, second = networks.machines
            cluster.scheduler(host=first.host)
            cluster.worker(1, first.address, first.run(AHEAD_S), name="ahead")
            victim = cluster.worker(1, second.address, second.run(), name="victim")
            settings = (*SETTINGS, f"load.cluster={cluster.address}", *tls.knobs_of("load"))
            said = [asyncio.run(_refuse(settings)), asyncio.run(_look(settings)), asyncio.run(_kill(settings, victim))]
    return "; ".join(said)


async def _refuse(settings: tuple[str, ...]) -> str:
    """A server that other machines cannot reach."""
    stage = Stage()
    try:
        await stage.start(*settings, "server.host=127.0.0.1")
    except OptionError as error:
        if error.where != "server.host":
            raise Failed(f"a server on 127.0.0.1 was refused with: {error}") from None
        return f"refused: '{error}'"
    finally:
        await stage.close()
    raise Failed("a load from other machines was begun against a server on 127.0.0.1")


async def _look(settings: tuple[str, ...]) -> str:
    """Counts and times of a whole run."""
    figures, stage = await _measured((*settings, f"load.duration={SECONDS}"))
    served, asked = stage.spans(Kind.REQUEST), stage.spans(Kind.CLIENT_REQUEST)
    total, hosts = figures["requests_total"], figures["load"]["hosts"]
    counts = {
        "served": len(served),
        "sent": total["sent"],
        "answered": total["ok"],
        "by the hosts": sum(host["sent"] for host in hosts),
        "in reports": sum(event["sent"] for event in stage.log("load")),
        "single": len(asked),
        "both": len(np.intersect1d(served["request"], asked["request"])),
    }
    if len(set(counts.values())) != 1 or figures["telemetry"]["lost"]:
        raise Failed(f"the counts differ: {counts}, records lost: {figures['telemetry']['lost']}")
    if len(hosts) != 2:
        raise Failed(f"these hosts took part: {hosts}")
    worst = _percentiles(asked, stage.log("load"))
    outside = _outside(served, asked)
    errors = max(host["clock_error_ms"] for host in hosts)
    lag = max(host["send_lag_p99_ms"] for host in hosts)
    parts = " + ".join(str(host["sent"]) for host in hosts)
    return (
        f"{len(served):,} requests ({parts}) are as many for server, hosts and reports; "
        f"percentiles at most {100 * worst:.2f} % from the raw ones; clocks {AHEAD_S} s apart known to "
        f"±{errors:.2f} ms, a server's span at most {outside / 1e6:.2f} ms outside of its client's; sent at most "
        f"{lag:.1f} ms late (p99)"
    )


def _percentiles(asked: Array, reports: list[Any]) -> float:
    """How far the percentiles of the merged reports are from those of single latencies, as a share, at most."""
    merged = Histogram()
    for event in reports:
        merged.merge(Histogram.from_bins(event["latency"], total=event["latency_sum"], maximum=event["latency_max"]))
    raw = (asked["end"] - asked["start"]) / 1e9
    worst = 0.0
    for percent in (1, 10, 25, 50, 75, 90, 95, 99, 99.9):
        value = float(np.percentile(raw, percent, method="inverted_cdf"))
        worst = max(worst, abs(merged.percentile(percent) - value) / value)
    if worst > WITHIN or merged.count != len(raw):
        raise Failed(
            f"a merged percentile is {100 * worst:.2f} % from the raw one, {merged.count} of {len(raw)} values"
        )
    return worst


def _outside(served: Array, asked: Array) -> int:
    """By how much (ns) a request on the server reaches out of what its client saw: the clocks' error, if anything."""
    served, asked = (spans[np.argsort(spans["request"])] for spans in (served, asked))
    # A server is done with a request a moment after its client has read the answer.
    most = int((asked["start"] - served["start"]).max())
    if most > WITHIN_NS:
        raise Failed(f"a request was served {most / 1e6:.1f} ms before it was sent")
    return max(most, 0)


async def _kill(settings: tuple[str, ...], victim: "subprocess.Popen[bytes]") -> str:
    """The second machine's worker is killed while both send."""
    figures, stage = await _measured((*settings, "load.mode=rate"), victim)
    first, second = figures["load"]["hosts"]
    total = figures["requests_total"]
    sentences = [marker.detail for marker in stage.markers if marker.kind == "death"]
    if sentences != [second["ended"]] or first["ended"] or f"{RATE // 2} requests/s" not in sentences[0]:
        raise Failed(f"a host's death was told as {sentences}, {second['ended']}")
    served = len(stage.spans(Kind.REQUEST))
    missed = served - total["sent"]
    # What a host sent since its last report nobody can tell but the server: of a tenth of a second, twice at most.
    if total["sent"] != first["sent"] + second["sent"] or not 0 <= missed <= 0.25 * RATE / 2:
        raise Failed(f"{total['sent']} sent, of which {first['sent']} and {second['sent']}; {served} served")
    return f"a host killed under load: {missed} requests since its last report, '{sentences[0]}'"


async def _measured(
    settings: tuple[str, ...], victim: "subprocess.Popen[bytes] | None" = None
) -> tuple[dict[str, Any], Stage]:
    """A run to its end, or with a victim until the other host has gone on for a while: its figures, and its stage."""
    statistics = RunStatistics()
    stage = Stage(statistics.feed)
    try:
        scenario = await stage.start(*settings)
        if victim is not None:
            await stage.until(lambda: stage.answered >= 2 * RATE, what="answers")
            victim.kill()
            await stage.until(lambda: stage.log("host_ended"), what="the news")
            answered = stage.answered
            await stage.until(lambda: stage.answered >= answered + RATE, what="answers of the other host")
        else:
            await stage.until(lambda: stage.log("load_total"), 60, "the end of the load")
        await stage.session.stop()
        return dict(statistics.figures(scenario.to_dict())), stage
    finally:
        await stage.close()
