"""The curve of a sweep of the parallelism lab: before anything is measured, and as far as it is."""

from explorer.desktop.presenter.curve_shape import Curve, lines_of
from explorer.labs.parallelism.options import BASE, Plan
from explorer.labs.parallelism.result import Result
from explorer.labs.parallelism.runners.find import runners


def curve_of(plan: Plan) -> Curve:
    """The ideal alone."""
    return Curve(plan.cores, max(2, *(point.workers for point in plan.points)))


def measured(result: Result) -> Curve:
    """What was measured so far. The one coroutine is what all is compared with: it is shown where nothing else is."""
    plain = curve_of(result.plan)
    told = []
    for name, runner in runners().items():
        points = result.of(name)
        if points and name != BASE:
            speedups = [result.speedup(one) or 0.0 for one in points]
            told.append((runner.title, [one.point.workers for one in points], speedups))
    return Curve(plain.cores, plain.most, lines_of(told))
