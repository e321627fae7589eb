"""What a sweep says in sentences: the serial fraction, the cores that were busy, results that differ."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from explorer.labs.parallelism.fits import Fits
from explorer.labs.parallelism.options import Point
from explorer.labs.parallelism.runners.find import runners

if TYPE_CHECKING:
    from explorer.labs.parallelism.result import Measured, Result

NONE_YET: Final = "No runner has been measured with more than one number of workers, so that nothing can be fitted."
MUCH: Final = 0.1
"""Others' use of so much of a core is worth a warning."""
ALL_OF_IT: Final = 0.9
SHORT_S: Final = 0.1


def serial(result: "Result", found: Mapping[str, Fits]) -> str:
    """The serial fraction in one sentence, or why it is not told."""
    name = result.leader()
    if not name or name not in found:
        return NONE_YET
    who, amdahl = runners()[name].title, found[name].amdahl
    if amdahl is None:
        cores = result.plan.cores
        if cores <= 1:
            return f"The serial fraction cannot be told on {cores:g} core: more workers have nowhere to run."
        reason = found[name].reason
        return f"The serial fraction cannot be told: {reason[:1].lower()}{reason[1:]}"
    low, high = (percent(share) for share in amdahl.interval)
    if not amdahl.told:
        return (
            f"{who}: the serial fraction cannot be told, as its interval, from {low} to {high}, is too wide; "
            "choose a larger size or more repeats, or let the machine do nothing else."
        )
    share = percent(amdahl.serial)
    range_ = f"{share} of the work ({low} to {high} with 95 % certainty)"
    if amdahl.serial > ALL_OF_IT:
        return f"{who}: {range_} gets no faster with more workers; they take turns."
    if amdahl.serial < 0.005:
        return f"{who}: {range_} gets no faster with more workers; nearly all of it is shared out."
    return f"{who}: {range_} gets no faster with more workers, so that no number of them makes it more than " + (
        f"{1 / amdahl.serial:.3g} times as fast."
    )


def cores(result: "Result") -> str:
    """Which cores may be used, which were busy at the fastest point, and what others used of the machine."""
    if not result.measured:
        return "Nothing has been measured."
    fastest = best_of(result.of(result.leader()) or result.measured)
    seen, machine = fastest.best["cores_seen"], fastest.best["machine"]
    whole = result.plan.cores
    here = f"{whole:g} core{'' if whole == 1 else 's'} may be used"
    if machine is None:
        if not result.told.get("machine"):
            return f"{here}; which were busy is not known under this Python, which lacks psutil."
        return f"{here}; the runs were too short to tell which were busy."
    busy = {core: percent(share) for core, share in machine["busy"].items()}
    who = f"{runners()[fastest.point.runner].title} with {workers(fastest.point.workers)}"
    if seen:
        plural = "s" if len(seen) > 1 else ""
        shares = listed([busy.get(str(core), "?") for core in seen])
        used = f"used {fastest.best['cpu_s'] / fastest.seconds:.2f} cores"
        ran = f"{who} {used} on core{plural} {listed(map(str, seen))}, busy {shares}"
    else:
        ran = f"{who} ran while {listed([f'core {core} was busy {share}' for core, share in busy.items()])}"
    return f"{here}; {ran}. {others(result)}"


def others(result: "Result") -> str:
    """How much of the machine others used during the measurements."""
    readings = [run["machine"] for one in result.measured for run in one.runs if run["machine"]]
    time = sum(each["seconds"] for each in readings)
    if not time:
        return "What others used is not known."
    used = sum(each["others"] * each["seconds"] for each in readings) / time
    if used < MUCH:
        return f"Others used {used:.2f} cores meanwhile."
    return f"Others used {used:.2f} cores meanwhile: with an idle machine the figures would be better."


def mismatch(point: Point, wrong: int, all_: int, got: str, right: str) -> str:
    """A result that is not the one coroutine's."""
    title = runners()[point.runner].title
    return (
        f"{title} with {workers(point.workers)} gave another result than one coroutine in {wrong} of {all_} runs "
        f"({got} in place of {right}): its times are those of other work."
    )


def all_of(result: "Result", found: Mapping[str, Fits]) -> list[str]:
    """Everything that is to be said, the most important first."""
    said = [*result.mismatches(), *result.died, serial(result, found), cores(result)]
    peak = highest(result, found)
    if peak:
        said.append(peak)
    if result.plan.job.has_data is False and result.plan.knobs.travel == "shared":
        said.append(f"{result.plan.job.title} has no data that could lie in shared memory; a task is a few numbers.")
    if result.plan.knobs.serial:
        said.append(f"{percent(result.plan.knobs.serial)} of the tasks are done by one alone, by construction.")
    base = result.base
    if base is not None and base.seconds < SHORT_S:
        said.append(
            f"One coroutine takes only {base.seconds * 1000:.0f} ms; a larger size tells work from overhead better."
        )
    data = str(result.told.get("data", ""))
    if data:
        said.append(f"The text: {data}.")
    return said


def highest(result: "Result", found: Mapping[str, Fits]) -> str:
    """With how many workers the leader is fastest, if the Universal Scalability Law can tell; else nothing."""
    name = result.leader()
    usl = found[name].usl if name in found else None
    if usl is None or not usl.told or usl.peak is None or usl.peak_interval is None:
        return ""
    low, high = usl.peak_interval
    return f"{runners()[name].title}: fastest with about {usl.peak:.1f} workers ({low:.1f} to {high:.1f})."


def best_of(measured: Iterable["Measured"]) -> "Measured":
    """The fastest."""
    return min(measured, key=lambda one: one.seconds)


def percent(share: float) -> str:
    """A share in per cent, with one decimal below ten."""
    value = 100 * share
    return f"{value:.1f} %" if 0.05 <= value < 9.95 else f"{value:.0f} %"


def workers(count: int) -> str:
    """A number of workers."""
    return f"{count:,} worker{'' if count == 1 else 's'}"


def listed(items: Iterable[str]) -> str:
    """`a, b and c`."""
    every = list(items)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}" if every else ""
