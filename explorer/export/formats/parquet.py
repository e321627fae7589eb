"""Parquet: the table of spans, compressed, written by pyarrow, which is too large to come with this program."""

import importlib
from typing import Any, BinaryIO

from explorer.catalog import installed
from explorer.collect.source import Array
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.table import BOOL, TEXT, Column, Table


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as a Parquet file, a row group for each stretch of spans."""
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    stretches, table = job.stretches(), Table(job)
    texts = {column.name: arrow.array(list(column.texts), arrow.string()) for column in table.columns}
    schema = arrow.schema([_field(arrow, column) for column in table.columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for spans in stretches.plain():
            arrays = [
                _array(arrow, column, values, known, texts[column.name])
                for column, (values, known) in zip(table.columns, table.rows(spans), strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


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
