"""DataFusion."""

import datafusion
from datafusion import SessionConfig, SessionContext

VERSION = datafusion.__version__


class Engine:
    """Record batches in memory, or the Parquet files with filters pushed into the scan."""

    def __init__(self, tables, storage, threads):
        config = SessionConfig().with_target_partitions(threads)
        for option in ("pushdown_filters", "reorder_filters"):
            config = config.set(f"datafusion.execution.parquet.{option}", "true")
        self.context = SessionContext(config)
        self.threads = threads
        for name, table in tables.items():
            file = f"{name}_file"
            self.context.register_parquet(file, table.file)
            sql = f"SELECT {table.columns} FROM {file}"
            if storage == "parquet":
                self.context.register_view(name, self.context.sql(sql))
            else:
                self.keep(name, sql)

    def keep(self, name, sql):
        batches = self.context.sql(sql).collect()
        if self.context.table_exist(name):
            self.context.deregister_table(name)
        each = max(1, -(-len(batches) // self.threads))
        parts = [batches[start : start + each] for start in range(0, len(batches), each)]
        self.context.register_record_batches(name, parts)

    def rows(self, sql):
        batches = self.context.sql(sql).collect()
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]

    def table(self, name):
        return name

    def only(self, table, key, other, other_key):
        return table

    def entered_not_long_before(self, visit, of):
        return ""

    def wide(self, expression):
        return f"CAST({expression} AS BIGINT)"

    def divide(self, a, b):
        return f"({a} / {b})"

    def bits(self, a, b):
        return f"(({a}) & ({b}))"
