"""`healthcode decide` with policies/hangzhou.toml for the other programs, from the same files to a file of
the same answers: person, colour, rule, since and until of everybody, times as Unix seconds. Advice, and
when a verdict will next change, which our side finds as well, they are spared.

Days are those of Asia/Shanghai, which has kept one offset since 1991. A restriction of n days that begins
on a day ends at the midnight that ends the n-th day after it; evidence that begins at its start or later
may end it sooner. Rules that no table of the folder feeds are left out, and a region's level is looked
for under its own code and that of its city, as the folder has them.
"""

DAY = 86_400
OFFSET = 8 * 3600
# The rules by number, the first of which ranks highest among equals.
NAMES = {
    1: "confirmed", 2: "suspected", 3: "positive-test", 5: "close-contact", 6: "same-building",
    9: "high-risk-area", 10: "medium-risk-area", 11: "symptoms", 12: "warm", 13: "said-to-have-met-a-case",
}
RED = [1, 2, 3, 5, 9]
LONG = {1: 28, 2: 14, 3: 14, 5: 14, 6: 7, 9: 14, 10: 7, 11: 7, 12: 7, 13: 7}
DECLARED = 14
# Which findings of a doctor end a restriction.
BY_DIAGNOSIS = {1: ["recovered", "excluded"], 2: ["recovered", "excluded"], 3: ["recovered", "excluded"],
                11: ["excluded"], 12: ["excluded"]}
BY_TESTS = [2, 3]
# How many reports of which kind on days in a row end it: without symptoms, that and no contact, that
# and no raised temperature.
BY_REPORTS = [(5, "apart", 14), (6, "apart", 7), (9, "apart", 14), (10, "apart", 7), (11, "well", 7),
              (12, "cool", 3), (12, "well", 7), (13, "apart", 7)]


def day(at):
    return f"({at} + {OFFSET} - ({at} + {OFFSET}) % {DAY})"


def end(at, days):
    return f"({day(at)} + {(days + 1) * DAY - OFFSET})"


def words(list_of):
    return ", ".join(f"'{word}'" for word in list_of)


def application(rule, table, where, starts="moment"):
    colour = 2 if rule in RED else 1
    return f"""SELECT person, {rule} AS rule, {colour} AS colour, {starts} AS since, {starts} AS counts_from,
    {end(starts, LONG[rule])} AS until FROM {table} WHERE {where}"""


def sql(keep, at, second):
    """Decides by `keep(name, query)`, which makes a table; the query whose rows are the answer."""
    keep("reports", f"""
        SELECT person, {second("at")} AS moment, coalesce(symptoms, '') AS symptoms,
            CAST(temperature AS DOUBLE) AS temperature, contact FROM declarations WHERE {second("at")} <= {at}""")
    keep("found", f"""
        SELECT person, {second("at")} AS moment, status FROM diagnoses WHERE {second("at")} <= {at}""")
    keep("sampled", f"""
        SELECT person, {second("sampled")} AS moment, kind, result FROM tests WHERE {second("sampled")} <= {at}""")
    keep("met", f"""
        SELECT person, {second("last")} AS moment, relation FROM contacts
        WHERE ring = 1 AND {second("first")} <= {at} AND {second("last")} <= {at}""")
    keep("levels", f"""
        SELECT CAST(region AS VARCHAR) AS region, level, {second("from")} AS came,
            coalesce({second("until")}, {at} + 1) AS gone FROM regions
        WHERE level IN ('medium', 'high') AND {second("from")} <= {at}""")
    keep("stayed", f"""
        SELECT s.person AS person, r.level AS level, s.came AS came, s.gone AS gone,
            min(greatest(s.came, r.came)) AS earliest, max(least(s.gone, r.gone, {at})) AS latest,
            bool_or(s.gone > {at} AND r.gone > {at}) AS lasts
        FROM (SELECT person, CAST(region AS VARCHAR) AS region, {second("arrived")} AS came,
                coalesce({second("left")}, {at} + 1) AS gone FROM stays
            WHERE mode IN ('resident', 'stay') AND {second("arrived")} <= {at}) s
        JOIN levels r ON s.region = r.region
        WHERE r.gone > s.came AND (r.came < s.gone OR r.came = s.came)
        GROUP BY s.person, s.region, r.level, s.came, s.gone""")
    at_level = "(SELECT person, latest AS moment FROM stayed WHERE NOT lasts AND level = '{level}')"
    lasting = """SELECT person, {rule} AS rule, {colour} AS colour, earliest AS since, NULL AS counts_from,
        {until} AS until FROM stayed WHERE lasts AND level = '{level}'"""
    ill = " OR ".join(f"symptoms LIKE '%{word}%'" for word in ["fever", "cough", "breathlessness"])
    applications = [
        application(1, "found", "status IN ('confirmed', 'asymptomatic')"),
        application(2, "found", "status = 'suspected'"),
        application(3, "sampled", "kind IN ('pcr', 'antigen') AND result = 'positive'"),
        application(5, "met", "relation IN ('household', 'close', 'vehicle')"),
        application(6, "met", "relation = 'building'"),
        application(9, at_level.format(level="high") + " s", "TRUE"),
        lasting.format(rule=9, colour=2, until=end(at, LONG[9]), level="high"),
        application(10, at_level.format(level="medium") + " s", "TRUE"),
        lasting.format(rule=10, colour=1, until=end(at, LONG[10]), level="medium"),
        application(11, "reports", ill),
        application(12, "reports", "temperature >= 37.3"),
        application(13, "reports", "contact IN ('suspected', 'confirmed')"),
    ]
    everyone = "\nUNION ALL ".join(applications)
    keep("live", f"SELECT * FROM ({everyone}) a WHERE until > {at}")
    keep("normal", f"""
        SELECT person, {day("moment")} AS on_day, max(moment) AS well,
            max(CASE WHEN contact IN ('none', 'unsure') THEN moment END) AS apart,
            max(CASE WHEN temperature <= 37.2 THEN moment END) AS cool
        FROM reports WHERE symptoms = '' AND person IN (SELECT person FROM live WHERE rule >= 5)
        GROUP BY person, {day("moment")}""")
    in_a_row = [f"""
        SELECT person, rule, counts_from FROM (
            SELECT l.person AS person, l.rule AS rule, l.counts_from AS counts_from, n.on_day - {DAY} * row_number()
                OVER (PARTITION BY l.person, l.counts_from ORDER BY n.on_day) AS island
            FROM (SELECT DISTINCT person, rule, counts_from FROM live WHERE rule = {rule}) l
            JOIN normal n ON n.person = l.person WHERE n.{kind} >= l.counts_from) i
        GROUP BY person, rule, counts_from, island HAVING count(*) >= {count}""" for rule, kind, count in BY_REPORTS]
    by_doctor = [f"""
        SELECT l.person, l.rule, l.counts_from FROM live l JOIN found f ON f.person = l.person
        WHERE l.rule = {rule} AND f.moment >= l.counts_from AND f.status IN ({words(statuses)})"""
        for rule, statuses in BY_DIAGNOSIS.items()]
    by_tests = f"""
        SELECT l.person, l.rule, l.counts_from FROM live l JOIN sampled t ON t.person = l.person
        WHERE l.rule IN ({", ".join(map(str, BY_TESTS))}) AND t.moment >= l.counts_from
            AND t.kind = 'pcr' AND t.result = 'negative'
        GROUP BY l.person, l.rule, l.counts_from HAVING max(t.moment) - min(t.moment) >= {DAY}"""
    keep("released", "\nUNION ".join([*in_a_row, *by_doctor, by_tests]))
    named = " ".join(f"WHEN {rule} THEN '{name}'" for rule, name in NAMES.items())
    return f"""
        SELECT p.person AS person,
            CASE WHEN r.colour = 2 THEN 'red' WHEN r.colour = 1 THEN 'yellow'
                WHEN {end("d.moment", DECLARED)} > {at} THEN 'green' ELSE 'undeclared' END AS colour,
            CASE r.rule {named} END AS rule,
            CASE WHEN r.rule IS NOT NULL THEN r.since WHEN {end("d.moment", DECLARED)} > {at} THEN d.moment END AS since,
            CASE WHEN r.rule IS NOT NULL THEN r.until
                WHEN {end("d.moment", DECLARED)} > {at} THEN {end("d.moment", DECLARED)} END AS until
        FROM people p
        LEFT JOIN (SELECT person, max(moment) AS moment FROM reports GROUP BY person) d ON d.person = p.person
        LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY person ORDER BY colour DESC, until DESC, rule) AS place
            FROM (SELECT l.person AS person, l.rule AS rule, l.colour AS colour, min(l.since) AS since,
                    max(l.until) AS until
                FROM live l LEFT JOIN released e ON e.person = l.person AND e.rule = l.rule
                    AND e.counts_from = l.counts_from
                WHERE e.person IS NULL GROUP BY l.person, l.rule, l.colour) f) r
            ON r.person = p.person AND r.place = 1"""
