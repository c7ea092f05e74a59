"""PostgreSQL, with the covering indexes that a user would make for tracing."""

import os

import psycopg
import pyarrow.csv
import pyarrow.parquet

VERSION = psycopg.__version__

# A visit lasts 12 hours at most, so that a search by entry time need not go further back.
LONGEST_VISIT_SECONDS = 12 * 3600


class Engine:
    """Tables filled from the Parquet files. The server runs elsewhere: `BENCH_POSTGRES` names it."""

    def __init__(self, tables, storage, threads):
        if storage != "memory":
            raise SystemExit("PostgreSQL reads its own tables; ask for storage `memory`")
        self.connection = psycopg.connect(os.environ["BENCH_POSTGRES"], autocommit=True)
        for setting in (
            f"max_parallel_workers_per_gather = {threads - 1}",
            "work_mem = '768MB'",
            "maintenance_work_mem = '1GB'",
            "parallel_setup_cost = 10",
            # Compiling takes longer than these queries.
            "jit = off",
        ):
            self.connection.execute(f"SET {setting}")
        for name, table in tables.items():
            self.fill(name, table)
        self.connection.execute("CREATE INDEX ON by_venue (venue, entered) INCLUDE (departed, person)")
        self.connection.execute("CREATE INDEX ON by_person (person, entered) INCLUDE (departed, venue)")
        # Marks all rows as visible to everybody, so that the indexes alone give the answer.
        self.connection.execute("VACUUM ANALYZE")

    def fill(self, name, table):
        file = pyarrow.parquet.ParquetFile(table.file)
        wanted = [column.split(" AS ") for column in table.columns.replace('"', "").split(", ")]
        columns = ", ".join(f"{column[-1]} integer NOT NULL" for column in wanted)
        self.connection.execute(f"CREATE UNLOGGED TABLE {name} ({columns})")
        without_header = pyarrow.csv.WriteOptions(include_header=False)
        with self.connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
            for batch in file.iter_batches(1 << 20, columns=[column[0] for column in wanted]):
                sink = pyarrow.BufferOutputStream()
                pyarrow.csv.write_csv(batch, sink, without_header)
                copy.write(sink.getvalue().to_pybytes())

    def keep(self, name, sql):
        self.connection.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        # Visits are looked up in their index. Of small tables joined by several columns the planner
        # expects too few rows and would go through one of them for each row of the other: 164 s in
        # place of 3.
        self.connection.execute(f"SET enable_nestloop = {'on' if 'by_' in sql else 'off'}")
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {sql}")
        self.connection.execute(f"ANALYZE {name}")

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def table(self, name):
        return name

    def only(self, table, key, other, other_key):
        return table

    def entered_not_long_before(self, visit, of):
        return f"AND {visit}.entered > {of}.entered - {LONGEST_VISIT_SECONDS}"

    def wide(self, expression):
        return f"CAST({expression} AS BIGINT)"

    def divide(self, a, b):
        return f"div(({a})::numeric, {b})"
