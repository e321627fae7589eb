"""Comma-separated values: a line for each span, a line above them with the names of the columns.

Names and routes come from strangers, and a spreadsheet would compute those that begin with = + - or @: they get an
apostrophe before them (`export.cells`). Arrow and Parquet hold them as they are.
"""

import csv
import io
from dataclasses import replace
from typing import BinaryIO

from explorer.collect.source import Array
from explorer.export.cells import harmless
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.table import BOOL, TEXT, Column, Table


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as CSV, UTF-8, lines ended as RFC 4180 says."""
    stretches, table = job.stretches(), Table(job)
    columns = [replace(column, texts=[harmless(text) for text in column.texts]) for column in table.columns]
    file.write(",".join(column.name for column in columns).encode() + b"\r\n")
    for spans in stretches.plain():
        text = io.StringIO(newline="")
        cells = (_cells(*each) for each in zip(columns, table.rows(spans), strict=True))
        csv.writer(text).writerows(zip(*cells, strict=True))
        file.write(text.getvalue().encode())


def _cells(column: Column, given: tuple[Array, Array | None]) -> list[object]:
    values, known = given
    if column.code == TEXT:
        return [column.texts[number] for number in values.tolist()]
    if column.code == BOOL:
        return ["yes" if value else "no" for value in values.tolist()]
    if column.code == "<f8":
        return [f"{value:.9f}" for value in values.tolist()]
    if known is None:
        return list(values.tolist())
    return [value if has else "" for value, has in zip(values.tolist(), known.tolist(), strict=True)]


feature = Format(
    id="csv",
    title="CSV table",
    suffix=".csv",
    sentence="A line for each span, for spreadsheets and scripts.",
    order=3,
    write=write,
)
