"""Making a row of widgets narrower, one step after the other, until it fits."""

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QBoxLayout

Step = Callable[[], object]


def fit(row: QBoxLayout, width: int, steps: Iterable[Step]) -> bool:
    """Take `steps`, what matters least first, until what `row` shows has room in `width` px; False if not."""
    steps = iter(steps)
    while True:
        row.invalidate()
        if row.minimumSize().width() <= width:
            return True
        step = next(steps, None)
        if step is None:
            return False
        step()
