"""Writes the tables of a folder of CSV once more with other programs, each with its usual encodings:
a folder for each way, named on standard output."""

import os
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

source, target = sys.argv[1:]
tables = sorted(name[: -len(".csv")] for name in os.listdir(source) if name.endswith(".csv"))
TIMES = {"at", "first", "last", "entered", "left", "sampled", "reported", "from", "until"}


def folder(name):
    path = os.path.join(target, name)
    os.makedirs(path, exist_ok=True)
    print(path)
    return path


def texts(table):
    """A table of text; an empty value is none."""
    path = os.path.join(source, table + ".csv")
    names = open(path).readline().strip().split(",")
    options = pa_csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
    )
    return pa_csv.read_csv(path, convert_options=options)


def retyped(table, of_time, of_text=pa.string()):
    """The same with Unix seconds as `of_time` and text as `of_text`."""
    columns = []
    for name in table.column_names:
        column = table[name]
        if name in TIMES:
            seconds = column.cast(pa.int64())
            if pa.types.is_timestamp(of_time):
                seconds = seconds.cast(pa.timestamp("s")).cast(pa.timestamp("s", tz="UTC"))
            columns.append(seconds.cast(of_time))
        else:
            columns.append(column.cast(of_text))
    return pa.table(columns, names=table.column_names)


WAYS = {
    "dictionary": dict(use_dictionary=True, row_group_size=3),
    "plain": dict(use_dictionary=False),
    "delta": dict(use_dictionary=False, column_encoding="delta"),
    "byte-stream-split": dict(use_dictionary=False, column_encoding="split"),
    "page-v2": dict(data_page_version="2.0", write_page_index=True, row_group_size=4),
    "small-pages": dict(data_page_size=64, dictionary_pagesize_limit=16, write_batch_size=2),
    "zstd": dict(compression="zstd"),
    "gzip": dict(compression="gzip"),
    "lz4": dict(compression="lz4"),
    "snappy": dict(compression="snappy"),
    "none": dict(compression="none"),
}


def encoded(table, options):
    """Options of a way with the encoding of each column by its type."""
    options = dict(options)
    wanted = options.pop("column_encoding", None)
    if wanted == "delta":
        options["column_encoding"] = {
            field.name: "DELTA_BINARY_PACKED" if field.type != pa.string() else "DELTA_BYTE_ARRAY"
            for field in table.schema
        }
    if wanted == "split":
        options["column_encoding"] = {
            field.name: "BYTE_STREAM_SPLIT" for field in table.schema if field.type != pa.string()
        }
    return options


for way, options in WAYS.items():
    path = folder("pyarrow-" + way)
    for name in tables:
        table = retyped(texts(name), pa.timestamp("us", tz="UTC"))
        pq.write_table(table, os.path.join(path, name + ".parquet"), **encoded(table, options))

for unit in ["s", "ms", "us", "ns"]:
    path = folder("pyarrow-timestamp-" + unit)
    for name in tables:
        table = retyped(texts(name), pa.timestamp(unit, tz="Asia/Shanghai"))
        pq.write_table(table, os.path.join(path, name + ".parquet"), version="2.6")

for kind, of_text in [("large", pa.large_string()), ("view", pa.string_view())]:
    path = folder(f"pyarrow-{kind}-strings")
    for name in tables:
        table = retyped(texts(name), pa.int64(), of_text)
        pq.write_table(table, os.path.join(path, name + ".parquet"))

path = folder("duckdb")
for name in tables:
    rows = retyped(texts(name), pa.timestamp("us", tz="UTC"))
    duckdb.sql("SELECT * FROM rows").write_parquet(os.path.join(path, name + ".parquet"), compression="zstd")

path = folder("duckdb-csv")
for name in tables:
    rows = texts(name)
    duckdb.sql("SELECT * FROM rows").write_csv(os.path.join(path, name + ".csv"))

path = folder("polars")
for name in tables:
    table = polars.from_arrow(retyped(texts(name), pa.timestamp("us", tz="UTC")))
    table.write_parquet(os.path.join(path, name + ".parquet"))

path = folder("polars-quoted-csv")
for name in tables:
    polars.from_arrow(texts(name)).write_csv(os.path.join(path, name + ".csv"), quote_style="always")

path = folder("polars-ndjson")
for name in tables:
    polars.from_arrow(texts(name)).write_ndjson(os.path.join(path, name + ".ndjson"))
