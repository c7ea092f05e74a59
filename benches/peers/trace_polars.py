"""The question of `trace_sql`, in expressions of Polars."""

import polars as pl
from polars import col

from trace_sql import LEAST_SECONDS


def trace(engine, rings):
    """Leaves the contacts of all cases in the table `contacts`."""
    cases = engine.frames["cases"]
    carriers = cases.select(col("person").alias("case_id"), col("person").alias("carrier"), "since", "until")
    shared, pairs = meet(engine, carriers)
    first = engine.keep("ring_1", contacts(1, shared, pairs))
    if rings == 1:
        engine.keep("contacts", first)
        return
    carriers = first.join(cases, left_on="case_id", right_on="person").select(
        "case_id", col("person").alias("carrier"), col("first").alias("since"), "until"
    )
    shared, pairs = meet(engine, carriers)
    shared = shared.join(first, on=["case_id", "person"], how="anti").join(cases, on="person", how="anti")
    engine.keep("contacts", pl.concat([first, contacts(2, shared, pairs)]))


def meet(engine, carriers):
    """Time together with each carrier, by venue; and the pairs for which it is long enough."""
    visits = engine.keep(
        "carrier_visits",
        engine.frames["by_person"]
        .join(carriers, left_on="person", right_on="carrier", coalesce=False)
        .filter(col("entered") < col("until"), col("departed") > col("since"))
        .select(
            "case_id",
            "carrier",
            "venue",
            pl.max_horizontal("entered", "since").alias("from"),
            pl.min_horizontal("departed", "until").alias("to"),
        ),
    )
    shared = engine.keep(
        "shared",
        engine.frames["by_venue"]
        .join(visits, on="venue")
        .filter(col("entered") < col("to"), col("departed") > col("from"), col("person") != col("carrier"))
        .select(
            "case_id",
            "carrier",
            "person",
            "venue",
            pl.max_horizontal("entered", "from").alias("first"),
            pl.min_horizontal("departed", "to").alias("last"),
        )
        .group_by("case_id", "carrier", "person", "venue")
        .agg(
            (col("last") - col("first")).cast(pl.Int64).sum().alias("seconds"),
            col("first").min(),
            col("last").max(),
        ),
    )
    pairs = (
        shared.group_by("case_id", "carrier", "person")
        .agg(col("seconds").sum().alias("together"))
        .filter(col("together") >= LEAST_SECONDS)
    )
    return shared, pairs


def contacts(ring, shared, pairs):
    """Contacts of one ring."""
    return (
        shared.join(pairs, on=["case_id", "carrier", "person"])
        .group_by("case_id", "person")
        .agg(
            col("together").max().alias("seconds"),
            col("first").min(),
            col("last").max(),
            col("venue").n_unique().cast(pl.Int64).alias("venues"),
        )
        .select(pl.lit(ring, pl.Int64).alias("ring"), pl.all())
    )


def answer(engine):
    """As `trace_sql.answer`."""
    minutes = col("seconds") // 60
    wide = [col(name).cast(pl.Int64) for name in ("person", "case_id", "first", "last")]
    rows = (
        engine.kept["contacts"]
        .with_columns(minutes.alias("minutes"), *wide)
        .group_by("ring")
        .agg(
            pl.len(),
            col("minutes").sum(),
            col("venues").sum(),
            (col("first") % 1000003).sum(),
            (col("last") % 1000003).sum().alias("until_start"),
            ((col("person") % 10007) * (col("case_id") % 10007) + col("minutes") * (col("person") % 1009))
            .sum()
            .alias("check"),
        )
        .sort("ring")
        .collect()
        .rows()
    )
    return [list(row) for row in rows]
