"""The questions, the tables that each reads, and how each peer is asked."""

import os
from dataclasses import dataclass

import decide_sql
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


# `at`, `left`, `from` and `until` mean something else in SQL.
VISIT = 'person, venue, entered, "left" AS departed'
TABLES = {
    "decide": {
        "declarations": ("declarations", 'person, "at" AS declared, symptoms'),
        "stays": ("stays", 'person, region, arrived, "left" AS departed'),
        "contacts": ("contacts", "person, ring, last"),
        "tests": ("tests", "person, result, sampled"),
        "regions": ("regions", 'region, level, "from" AS since, "until" AS until'),
    },
    "trace": {
        "cases": ("cases", 'person, "from" AS since, "until" AS until'),
        "by_person": ("visits_by_person", VISIT),
        "by_venue": ("visits_by_venue", VISIT),
    },
}
RINGS = {"ring-1": 1, "rings-1-2": 2}


def tables(questions, folder):
    """The tables that the questions read."""
    kinds = {"trace" if question in RINGS else "decide" for question in questions}
    return {
        name: Table(os.path.join(folder, "peers", f"{file}.parquet"), columns)
        for kind in kinds
        for name, (file, columns) in TABLES[kind].items()
    }


def prepare(peer, engine, question):
    """What to do to have it answered, and what to do to read the answer."""
    # Who does not speak SQL has questions of its own.
    decide = getattr(peer, "DECIDE", decide_sql)
    trace = getattr(peer, "TRACE", trace_sql)
    if question in RINGS:
        return lambda: trace.trace(engine, RINGS[question]), lambda: trace.answer(engine)
    return lambda: decide.decide(engine), lambda: decide.answer(engine)
