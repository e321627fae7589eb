"""A quantity over time: how many users, or how many requests a second, at any moment of the load.

It is made of steps: from a moment on it goes to a value, at once or in a straight line over a ramp; the next
step begins where the line has come to. Ramp, phases and live changes are all steps.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, sqrt


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` (s) on the quantity goes to `value`, reached `ramp` seconds later."""

    at: float
    value: float
    ramp: float = 0.0


class Profile:
    """Piecewise linear, 0 before the first step. Time is in seconds on whatever clock the steps use."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        """Steps may come in any order; of two at the same moment the later one given holds."""
        self._steps: list[Step] = []
        self._points: list[tuple[float, float]] = []
        for step in steps:
            self._insert(step)
        self._draw()

    def change(self, step: Step) -> None:
        """Add a step. It cuts off a ramp that is under way; steps that begin later still hold."""
        self._insert(step)
        self._draw()

    def value(self, time: float) -> float:
        """The quantity at `time`."""
        points = self._points
        place = bisect_right(points, time, key=lambda point: point[0])
        if place == 0:
            return 0.0
        if place == len(points):
            return points[-1][1]
        (start, low), (end, high) = points[place - 1], points[place]
        return low + (high - low) * (time - start) / (end - start)

    def advance(self, time: float, amount: float) -> float:
        """The moment by which the quantity, summed over time since `time`, has come to `amount`; inf if it never does.

        With a rate as quantity this is when the next `amount` requests are due, ramps or not.
        """
        while True:
            place = bisect_right(self._points, time, key=lambda point: point[0])
            now = self.value(time)
            if place == len(self._points):
                return time + amount / now if now > 0 else inf
            end, last = self._points[place]
            # Up to a jump the line keeps the value it comes from, which `_draw` has put down as a point of its own.
            area = (now + last) / 2 * (end - time)
            if area >= amount:
                slope = (last - now) / (end - time)
                return time + 2 * amount / (now + sqrt(max(now * now + 2 * slope * amount, 0.0)))
            amount -= area
            time = end

    def area(self, start: float, end: float) -> float:
        """The quantity summed over time from `start` to `end`; 0 if `end` comes first."""
        found, time = 0.0, start
        while time < end:
            place = bisect_right(self._points, time, key=lambda point: point[0])
            until = min(end, self._points[place][0]) if place < len(self._points) else end
            # As in `advance`: a jump at the end of a piece is not part of it.
            whole = place < len(self._points) and until == self._points[place][0]
            last = self._points[place][1] if whole else self.value(until)
            found += (self.value(time) + last) / 2 * (until - time)
            time = until
        return found

    def _insert(self, step: Step) -> None:
        self._steps.insert(bisect_right(self._steps, step.at, key=lambda known: known.at), step)

    def _draw(self) -> None:
        """Turn steps into points (time, value); a jump is two points at one time, of which the second holds."""
        points: list[tuple[float, float]] = []
        self._points = points
        for step in self._steps:
            before = self.value(step.at)
            while points and points[-1][0] > step.at:
                points.pop()
            points.append((step.at, before))
            if step.ramp > 0:
                points.append((step.at + step.ramp, step.value))
            else:
                points.append((step.at, step.value))
