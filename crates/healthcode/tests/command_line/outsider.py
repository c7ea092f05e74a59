"""Reads a mirror as somebody would who has only docs/data-model.md and DuckDB."""

import json
import sys

import duckdb

folder = sys.argv[1]
declarations = f"read_parquet('{folder}/declarations.parquet')"
persons = f"read_parquet('{folder}/persons.parquet')"
visits = f"read_parquet('{folder}/visits_by_venue.parquet')"
by_person = f"read_parquet('{folder}/visits_by_person.parquet', file_row_number = true)"
index = f"read_parquet('{folder}/visits_by_person_index.parquet', file_row_number = true)"


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
    "visits": one(f"SELECT count(*) FROM {visits}"),
    "venues": one(f"SELECT count(DISTINCT venue) FROM {visits}"),
    "met_for_15_minutes": one(
        f"SELECT count(*) FROM {visits} a JOIN {visits} b ON a.venue = b.venue AND a.person < b.person "
        "WHERE least(a.left, b.left)::BIGINT - greatest(a.entered, b.entered)::BIGINT >= 15 * 60"
    ),
    "visits_of_the_first": one(
        f"SELECT count(*) FROM {by_person} v, {index} a, {index} b "
        "WHERE a.file_row_number = 0 AND b.file_row_number = 1 AND v.person = 0 "
        "AND v.file_row_number >= a.first_row AND v.file_row_number < b.first_row"
    ),
    "columns": dict(
        (name, kind)
        for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {declarations}").fetchall()
    ),
}))
