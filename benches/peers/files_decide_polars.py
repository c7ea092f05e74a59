"""The same as `files_decide.sql` in Polars' own words."""

import polars as pl
from files_decide import BY_DIAGNOSIS, BY_REPORTS, BY_TESTS, DAY, DECLARED, LONG, NAMES, OFFSET, RED

col = pl.col
APPLICATION = ["person", "rule", "counts_from"]


def day(at):
    return at + OFFSET - (at + OFFSET) % DAY


def end(at, days):
    return day(at) + (days + 1) * DAY - OFFSET


def seconds(table, **names):
    """The table with some of its times as seconds since 1970."""
    kinds = table.collect_schema()

    def second(name):
        is_text = kinds[name] == pl.String
        return (col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ") if is_text else col(name)).dt.epoch("s")

    return table.with_columns(**{new: second(name) for new, name in names.items()})


def application(rule, rows, since="at", counts_from="at"):
    return rows.select(
        "person",
        rule=pl.lit(rule, pl.Int64),
        colour=pl.lit(2 if rule in RED else 1, pl.Int64),
        since=col(since),
        counts_from=col(counts_from) if counts_from else pl.lit(None, pl.Int64),
        until=end(col("at"), LONG[rule]),
    )


def decide(tables, at):
    begun = col("at") <= at
    reports = seconds(tables["declarations"], at="at").filter(begun)
    reports = reports.with_columns(col("symptoms").fill_null(""), col("temperature").cast(pl.Float64))
    found = seconds(tables["diagnoses"], at="at").filter(begun)
    sampled = seconds(tables["tests"], at="sampled").filter(begun)
    met = seconds(tables["contacts"], came="first", at="last")
    met = met.filter(col("ring") == 1, col("came") <= at, begun)
    levels = seconds(tables["regions"], came="from", gone="until").filter(
        col("level").is_in(["medium", "high"]), col("came") <= at
    )
    levels = levels.select(
        col("region").cast(pl.String), "level", level_came="came", level_gone=col("gone").fill_null(at + 1)
    )
    stays = seconds(tables["stays"], came="arrived", gone="left")
    stays = stays.filter(col("mode").is_in(["resident", "stay"]), col("came") <= at)
    stays = stays.with_columns(col("region").cast(pl.String), col("gone").fill_null(at + 1))
    stayed = stays.join(levels, on="region").filter(
        col("level_gone") > col("came"),
        (col("level_came") < col("gone")) | (col("level_came") == col("came")),
    )
    stayed = stayed.group_by("person", "region", "level", "came", "gone").agg(
        first=pl.max_horizontal("came", "level_came").min(),
        at=pl.min_horizontal("gone", "level_gone", pl.lit(at, pl.Int64)).max(),
        lasts=((col("gone") > at) & (col("level_gone") > at)).any(),
    )
    is_ill = pl.any_horizontal(
        col("symptoms").str.contains(word, literal=True) for word in ["fever", "cough", "breathlessness"]
    )
    places = []
    for rule, level in [(9, "high"), (10, "medium")]:
        at_level = stayed.filter(col("level") == level)
        places.append(application(rule, at_level.filter(~col("lasts"))))
        places.append(application(rule, at_level.filter("lasts"), since="first", counts_from=None))
    live = pl.concat(
        [
            application(1, found.filter(col("status").is_in(["confirmed", "asymptomatic"]))),
            application(2, found.filter(col("status") == "suspected")),
            application(3, sampled.filter(col("kind").is_in(["pcr", "antigen"]), col("result") == "positive")),
            application(5, met.filter(col("relation").is_in(["household", "close", "vehicle"]))),
            application(6, met.filter(col("relation") == "building")),
            *places,
            application(11, reports.filter(is_ill)),
            application(12, reports.filter(col("temperature") >= 37.3)),
            application(13, reports.filter(col("contact").is_in(["suspected", "confirmed"]))),
        ]
    )
    live = live.filter(col("until") > at).collect().lazy()
    normal = reports.filter(col("symptoms") == "").join(live.filter(col("rule") >= 5), on="person", how="semi")
    normal = normal.group_by("person", day(col("at")).alias("day")).agg(
        well=col("at").max(),
        apart=col("at").filter(col("contact").is_in(["none", "unsure"])).max(),
        cool=col("at").filter(col("temperature") <= 37.2).max(),
    )
    normal = normal.collect().lazy()
    released = [in_a_row(live, normal, *release) for release in BY_REPORTS]
    for rule, statuses in BY_DIAGNOSIS.items():
        by = found.filter(col("status").is_in(statuses)).select("person", by="at")
        joined = live.filter(col("rule") == rule).join(by, on="person")
        released.append(joined.filter(col("by") >= col("counts_from")).select(APPLICATION))
    negative = sampled.filter(col("kind") == "pcr", col("result") == "negative").select("person", by="at")
    tested = live.filter(col("rule").is_in(BY_TESTS)).join(negative, on="person")
    tested = tested.filter(col("by") >= col("counts_from")).group_by(APPLICATION)
    tested = tested.agg(apart=col("by").max() - col("by").min())
    released.append(tested.filter(col("apart") >= DAY).select(APPLICATION))
    highest = live.join(pl.concat(released).unique(), on=APPLICATION, how="anti")
    highest = highest.group_by("person", "rule", "colour").agg(col("since").min(), col("until").max())
    highest = highest.sort(["colour", "until", "rule"], descending=[True, True, False])
    highest = highest.group_by("person", maintain_order=True).first()
    declared = reports.group_by("person").agg(col("at").max())
    everybody = tables["people"].select("person").join(declared, on="person", how="left")
    everybody = everybody.join(highest, on="person", how="left")
    is_restricted, is_declared = col("rule").is_not_null(), end(col("at"), DECLARED) > at
    return everybody.select(
        "person",
        pl.when(col("colour") == 2).then(pl.lit("red")).when(col("colour") == 1).then(pl.lit("yellow"))
        .when(is_declared).then(pl.lit("green")).otherwise(pl.lit("undeclared")).alias("colour"),
        col("rule").replace_strict(NAMES, default=None, return_dtype=pl.String),
        pl.when(is_restricted).then("since").when(is_declared).then("at").alias("since"),
        pl.when(is_restricted).then("until").when(is_declared).then(end(col("at"), DECLARED)).alias("until"),
    )


def in_a_row(live, normal, rule, kind, count):
    own = live.filter(col("rule") == rule).select(APPLICATION).unique().join(normal, on="person")
    own = own.filter(col(kind) >= col("counts_from"))
    place = col("day").rank("ordinal").over("person", "counts_from").cast(pl.Int64)
    runs = own.group_by(*APPLICATION, (col("day") - DAY * place).alias("island")).len()
    return runs.filter(col("len") >= count).select(APPLICATION)
