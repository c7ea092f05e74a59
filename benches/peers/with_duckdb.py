"""DuckDB."""

import duckdb

VERSION = duckdb.__version__


class Engine:
    """Tables in DuckDB's own columns in memory, or views of the Parquet files."""

    def __init__(self, tables, storage, threads):
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {threads}")
        # The answer is a set; DuckDB is faster when it need not keep the order of rows.
        self.connection.execute("SET preserve_insertion_order = false")
        kind = "VIEW" if storage == "parquet" else "TABLE"
        for name, table in tables.items():
            self.connection.execute(f"CREATE {kind} {name} AS SELECT {table.columns} FROM '{table.file}'")

    def keep(self, name, sql):
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def table(self, name):
        return name

    def only(self, table, key, other, other_key):
        # The keys of the smaller side reach the scan by themselves.
        return table

    def entered_not_long_before(self, visit, of):
        return ""

    def wide(self, expression):
        return f"CAST({expression} AS BIGINT)"

    def divide(self, a, b):
        return f"({a} // {b})"

    def bits(self, a, b):
        return f"(({a}) & ({b}))"
