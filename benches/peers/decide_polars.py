"""The question of `decide_sql`, in expressions of Polars."""

import polars as pl
from polars import col, lit, when

import decide_sql as sql
from decide_sql import DAY, HOUR, NOW, OLDEST, ORIGIN, RULES, START, WIDTH


def decide(engine):
    """As `decide_sql.decide`."""
    declarations = engine.frames["declarations"]
    ends = col("last") - col("last") % DAY + when(col("rule").is_in(sql.SHORT)).then(8 * DAY).otherwise(15 * DAY)
    severity = when(col("rule").is_in(sql.REDS)).then(2).otherwise(1).cast(pl.Int64)
    highest = (
        pl.concat([declared(declarations), met(engine), tested(engine), stayed(engine)])
        .group_by("person", "rule")
        .agg(col("moment").min().alias("since"), col("moment").max().alias("last"))
        .select(
            "person",
            (((severity * WIDTH + ends - ORIGIN) * 16 + 15 - col("rule")) * WIDTH + col("since") - ORIGIN).alias(
                "highest"
            ),
        )
        .group_by("person")
        .agg(col("highest").max())
    )
    green_ends = col("declared") - col("declared") % DAY + 29 * DAY
    is_restricted = col("highest").is_not_null()
    is_green = green_ends > NOW
    engine.keep(
        "decided",
        declarations.join(highest, on="person", how="left").select(
            "person",
            when(is_restricted)
            .then(16 - col("highest") // WIDTH % 16)
            .when(is_green)
            .then(1)
            .otherwise(0)
            .alias("outcome"),
            when(is_restricted)
            .then(ORIGIN + col("highest") % WIDTH)
            .when(is_green)
            .then(col("declared"))
            .otherwise(START)
            .alias("since"),
            when(is_restricted)
            .then(ORIGIN + col("highest") // (WIDTH * 16) % WIDTH)
            .when(is_green)
            .then(green_ends)
            .otherwise(START)
            .alias("until"),
        ),
    )


def declared(declarations):
    symptoms = col("symptoms")
    return facts(
        declarations.filter(symptoms != 0, col("declared").is_between(OLDEST, NOW)),
        "declared",
        (1, (symptoms & sql.FEVER_OR_COUGH != 0) & (symptoms & (symptoms - 1) != 0)),
        (2, symptoms & sql.FEVER != 0),
        (3, symptoms & sql.OTHERS != 0),
    )


def met(engine):
    return facts(
        engine.frames["contacts"].filter(col("last").is_between(OLDEST, NOW)),
        "last",
        (4, col("ring") == 1),
        (5, col("ring") == 2),
    )


def tested(engine):
    return facts(
        engine.frames["tests"].filter(col("result") > 0, col("sampled").is_between(OLDEST, NOW)),
        "sampled",
        (6, col("result") == 1),
        (7, col("result") == 2),
    )


def stayed(engine):
    first, last = pl.max_horizontal("arrived", "since"), pl.min_horizontal("departed", "until")
    level, seconds = col("level"), col("seconds")
    return facts(
        engine.frames["stays"]
        .filter(col("departed") >= OLDEST)
        .join(engine.frames["regions"], on="region")
        .filter(col("arrived") < col("until"), col("departed") > col("since"))
        .select("person", "arrived", "region", "level", last.alias("last"), (last - first).alias("seconds"))
        .group_by("person", "arrived", "region", "level")
        .agg(col("last").max(), seconds.sum())
        .filter(col("last") <= NOW),
        "last",
        (8, (level == sql.HIGH) & (seconds >= 4 * HOUR)),
        (9, level == sql.HIGH),
        (10, (level == sql.MEDIUM) & (seconds >= 24 * HOUR)),
        (11, level == sql.MEDIUM),
        (12, (level == sql.LOW) & (seconds >= 72 * HOUR)),
    )


def facts(frame, moment, *conditions):
    """Rows that restrict somebody now, with the first rule by which they do."""
    rule = lit(0, pl.Int32)
    for number, condition in reversed(conditions):
        lasts = col(moment) >= RULES[number - 1].oldest
        rule = when(condition & lasts).then(lit(number, pl.Int32)).otherwise(rule)
    return frame.select("person", rule.alias("rule"), col(moment).alias("moment")).filter(col("rule") > 0)


def answer(engine):
    """As `decide_sql.answer`."""
    rows = (
        engine.kept["decided"]
        .group_by("outcome")
        .agg(
            pl.len(),
            (col("since").cast(pl.Int64) - START).sum(),
            (col("until").cast(pl.Int64) - START).sum(),
            col("person").cast(pl.Int64).sum(),
        )
        .sort("outcome")
        .collect()
        .rows()
    )
    return [list(row) for row in rows]
