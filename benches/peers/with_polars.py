"""Polars. It has questions of its own, made of expressions."""

import polars as pl

import decide_polars as DECIDE
import trace_polars as TRACE

VERSION = pl.__version__


class Engine:
    """Data frames in memory, or scans of the Parquet files."""

    def __init__(self, tables, storage, threads):
        if pl.thread_pool_size() != threads:
            raise SystemExit(f"Polars runs {pl.thread_pool_size()} threads; set POLARS_MAX_THREADS")
        self.frames = {}
        for name, table in tables.items():
            frame = pl.scan_parquet(table.file).select(*table.expressions())
            if storage == "memory":
                frame = frame.collect().rechunk().lazy()
            self.frames[name] = frame
        self.kept = {}

    def keep(self, name, frame):
        self.kept[name] = frame.collect(engine="streaming").lazy()
        return self.kept[name]
