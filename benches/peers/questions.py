"""The questions, the tables that each reads, and how each peer asks them."""

import os
from dataclasses import dataclass

import trace_sql


@dataclass(frozen=True)
class Table:
    """A Parquet file and the columns of it that the question reads, as `NAME` or `NAME AS OTHER`."""

    file: str
    columns: str

    def expressions(self):
        """The columns for Polars."""
        import polars as pl

        names = [column.split(" AS ") for column in self.columns.replace('"', "").split(", ")]
        return [pl.col(name[0]).alias(name[-1]) for name in names]


# `left`, `from` and `until` mean something else in SQL.
VISIT = 'person, venue, entered, "left" AS departed'
TRACE_TABLES = {
    "cases": ("cases.parquet", 'person, "from" AS since, "until" AS until'),
    "by_person": ("visits_by_person.parquet", VISIT),
    "by_venue": ("visits_by_venue.parquet", VISIT),
}


def tables(arguments):
    """The tables that a question reads."""
    files = TRACE_TABLES
    return {name: Table(os.path.join(arguments.data, file), columns) for name, (file, columns) in files.items()}


def prepare(peer, engine, question):
    """What to do to have it answered, and what to do to read the answer."""
    rings = {"ring-1": 1, "rings-1-2": 2}[question]
    if hasattr(peer, "trace"):
        return lambda: peer.trace(engine, rings), lambda: peer.trace_answer(engine)
    return lambda: trace_sql.trace(engine, rings), lambda: trace_sql.answer(engine)
