"""Reads a mirror as somebody would who has only docs/data-model.md and DuckDB."""

import json
import sys

import duckdb

folder = sys.argv[1]
declarations = f"read_parquet('{folder}/declarations.parquet')"
persons = f"read_parquet('{folder}/persons.parquet')"


def one(query):
    return duckdb.sql(query).fetchall()[0][0]


print(json.dumps({
    "people": one(f"SELECT count(DISTINCT hex(id)) FROM {persons} WHERE octet_length(id) = 16"),
    "declarations": one(f"SELECT count(*) FROM {declarations}"),
    "fevers": one(
        f"SELECT count(DISTINCT person) FROM {declarations} "
        "WHERE list_contains(string_split(symptoms, ';'), 'fever')"
    ),
    "warmest": one(f"SELECT max(temperature) FROM {declarations}"),
    "not_measured": one(f"SELECT count(*) FROM {declarations} WHERE temperature IS NULL"),
    "is_recent": one(
        f"SELECT min(to_timestamp(\"at\")) > now() - INTERVAL 1 DAY FROM {declarations}"
    ),
    "columns": dict(
        (name, kind)
        for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {declarations}").fetchall()
    ),
}))
