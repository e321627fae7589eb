"""Comma-separated values: a line for each span, a line above them with the names of the columns."""

import csv
import io
from typing import BinaryIO

from explorer.collect.source import Array
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.table import BOOL, TEXT, Column, Table


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as CSV, UTF-8, lines ended as RFC 4180 says."""
    stretches, table = job.stretches(), Table(job)
    file.write(",".join(column.name for column in table.columns).encode() + b"\r\n")
    for spans in stretches.plain():
        text = io.StringIO(newline="")
        columns = (_cells(*each) for each in zip(table.columns, table.rows(spans), strict=True))
        csv.writer(text).writerows(zip(*columns, strict=True))
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
