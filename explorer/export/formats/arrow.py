"""An Arrow file: the table of spans, with texts by dictionary."""

from typing import BinaryIO

from explorer.export.arrow_file import ArrowFile
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.table import Table


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as an Arrow IPC file, a batch for each stretch of spans."""
    stretches, table = job.stretches(), Table(job)
    target = ArrowFile(file, table.columns)
    for spans in stretches.plain():
        if len(spans):
            target.write(len(spans), table.rows(spans))
    target.close()


feature = Format(
    id="arrow",
    title="Arrow table",
    suffix=".arrow",
    sentence="A table of spans for pandas, Polars, DuckDB and others.",
    order=4,
    write=write,
)
