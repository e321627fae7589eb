"""The matrix as a table for a spreadsheet: a row for each anomaly, a column for each level. No Qt."""

import csv
import io
from collections.abc import Mapping

from explorer.desktop.labs.isolation.matrix.look import how_in_words, shown_by, why_nothing
from explorer.labs.isolation.matrix import Cell, Matrix
from explorer.labs.isolation.schedule import Schedule


def as_csv(matrix: Matrix, schedules: Mapping[str, Schedule]) -> str:
    """Lines of what it was measured on, an empty one, then the table; cells in words."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["engine", matrix.facts.title])
    write(["where", matrix.facts.where])
    for name, value in matrix.facts.settings.items():
        write([name, value])
    write([])
    write(["id", "anomaly", *matrix.levels])
    for id_ in matrix.schedules:
        title = schedules[id_].title if id_ in schedules else id_
        write([id_, title, *(_words(matrix.cells.get((level, id_))) for level in matrix.levels)])
    return out.getvalue()


def _words(cell: Cell | None) -> str:
    if cell is None:
        return ""
    if cell.verdict is None or shown_by(cell) is None:
        return f"cannot run: {why_nothing(cell)}"
    how = how_in_words(cell.verdict)
    word = "happened" if cell.verdict.happened else "prevented"
    differs = f" (differs from {', '.join(one.what for one in cell.differences)})" if cell.differences else ""
    return f"{word}{f': {how}' if how else ''}{differs}"
