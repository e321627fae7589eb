"""Parquet: the table of spans, compressed, written by pyarrow, which is too large to come with this program."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

import numpy as np

from explorer.catalog import installed
from explorer.collect.source import Array
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.table import BOOL, TEXT, Column, Table

GROUP: Final = 131_072
"""Rows of a row group."""


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as a Parquet file, in row groups of some `GROUP` rows."""
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    stretches, table = job.stretches(), Table(job)
    texts = {column.name: arrow.array(list(column.texts), arrow.string()) for column in table.columns}
    schema = arrow.schema([_field(arrow, column) for column in table.columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for spans in _gathered(stretches.plain()):
            arrays = [
                _array(arrow, column, values, known, texts[column.name])
                for column, (values, known) in zip(table.columns, table.rows(spans), strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _gathered(stretches: Iterable[Array]) -> Iterator[Array]:
    """The same spans in larger pieces: a row group has a head of its own, and compresses by itself."""
    waiting: list[Array] = []
    for spans in stretches:
        waiting.append(spans)
        if sum(map(len, waiting)) >= GROUP:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)


def _field(arrow: Any, column: Column) -> Any:
    return arrow.field(column.name, _type(arrow, column), nullable=column.missing)


def _type(arrow: Any, column: Column) -> Any:
    match column.code:
        case code if code == TEXT:
            return arrow.dictionary(arrow.int32(), arrow.string())
        case code if code == BOOL:
            return arrow.bool_()
    return {"<f8": arrow.float64, "<i8": arrow.int64, "<u8": arrow.uint64, "<u4": arrow.uint32, "|u1": arrow.uint8}[
        column.code
    ]()


def _array(arrow: Any, column: Column, values: Array, known: Array | None, texts: Any) -> Any:
    if column.code == TEXT:
        return arrow.DictionaryArray.from_arrays(arrow.array(values.astype("<i4")), texts)
    mask = None if known is None else ~known
    return arrow.array(values, type=_type(arrow, column), mask=mask)


feature = Format(
    id="parquet",
    title="Parquet table",
    suffix=".parquet",
    sentence="A compressed table of spans for pandas, Polars, DuckDB and others.",
    order=5,
    write=write,
    available=installed("pyarrow"),
)
