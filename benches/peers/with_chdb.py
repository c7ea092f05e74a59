"""chDB: ClickHouse inside this process."""

import chdb
from chdb import session

VERSION = chdb.__version__


class Engine:
    """Tables of the engine Memory, or the table function that reads Parquet files."""

    def __init__(self, tables, storage, threads):
        self.session = session.Session()
        self.settings = f"SETTINGS max_threads = {threads}, join_use_nulls = 1"
        self.session.query("CREATE DATABASE bench")
        self.session.query("USE bench")
        self.tables = {}
        for name, table in tables.items():
            source = f"(SELECT {table.columns} FROM file('{table.file}', 'Parquet'))"
            self.tables[name] = source
            if storage == "memory":
                # Columns without a flag for NULL, which are faster.
                self.run(
                    f"CREATE TABLE {name} ENGINE = Memory AS SELECT * FROM {source}",
                    ", schema_inference_make_columns_nullable = 0",
                )
                self.tables[name] = name

    def run(self, sql, settings=""):
        return self.session.query(f"{sql} {self.settings}{settings}", "TabSeparated")

    def keep(self, name, sql):
        self.session.query(f"DROP TABLE IF EXISTS {name}")
        self.run(f"CREATE TABLE {name} ENGINE = Memory AS {sql}", ", schema_inference_make_columns_nullable = 0")

    def rows(self, sql):
        return [line.split("\t") for line in str(self.run(sql)).splitlines()]

    def table(self, name):
        return self.tables.get(name, name)

    def only(self, table, key, other, other_key):
        # ClickHouse builds the hash table from the right side, and does not hand its keys to the
        # scan of the left; a user writes the filter by hand.
        return f"(SELECT * FROM {self.table(table)} WHERE {key} IN (SELECT {other_key} FROM {other}))"

    def entered_not_long_before(self, visit, of):
        return ""

    def wide(self, expression):
        return f"toInt64({expression})"

    def divide(self, a, b):
        return f"intDiv({a}, {b})"

    def bits(self, a, b):
        return f"bitAnd({a}, {b})"
