"""Deciding everybody in SQL, for every peer that speaks it.

The question is that of `healthcode decide` under the twelve rules of the policy that our side is
given (`crates/tables/examples/kernels/k1.toml`): for each person the status, the rule that gives it,
since when and until when. Days are UTC days; day 0 is the day of the event, and a restriction of n
days ends at the midnight that ends day n.

Each table is read once. A row takes the first rule that fits in an order in which no rule that could
matter is hidden: red before yellow, long before short. Rows are grouped by person and rule; the
highest restriction of a person is the maximum of one number made of colour, end, rule and start.
"""

from dataclasses import dataclass

START = 1_600_000_000
DAY = 86_400
NOW = START + 28 * DAY
MIDNIGHT = NOW - NOW % DAY
# Starts and ends, counted from here, fit into 22 bits.
ORIGIN = START - START % DAY
WIDTH = 1 << 22


@dataclass(frozen=True)
class Rule:
    """A rule by its place in the policy, from 1."""

    number: int
    is_red: bool
    days: int

    @property
    def oldest(self):
        """Evidence from before this second has ended."""
        return MIDNIGHT - self.days * DAY


RULES = [
    Rule(1, True, 14),
    Rule(2, False, 7),
    Rule(3, False, 7),
    Rule(4, True, 14),
    Rule(5, False, 14),
    Rule(6, True, 14),
    Rule(7, False, 7),
    Rule(8, True, 14),
    Rule(9, False, 14),
    Rule(10, False, 14),
    Rule(11, False, 7),
    Rule(12, False, 7),
]
OLDEST = min(rule.oldest for rule in RULES)
REDS = [rule.number for rule in RULES if rule.is_red]
SHORT = [rule.number for rule in RULES if rule.days == 7]

# Symptoms are bits: fever 1, cough 2, fatigue 4, breathlessness 8, sore throat 16, runny nose 32.
FEVER = 1
FEVER_OR_COUGH = 1 | 2
OTHERS = 4 | 8 | 16 | 32
LOW, MEDIUM, HIGH = 1, 2, 3
HOUR = 3600


def decide(engine):
    """Leaves person, outcome, since and until of everybody in the table `decided`.

    The outcome is 0 for undeclared, 1 for green, and 1 + the number of the rule otherwise.
    """
    short, reds = ", ".join(map(str, SHORT)), ", ".join(map(str, REDS))
    ends = f"last - last % {DAY} + CASE WHEN rule IN ({short}) THEN {8 * DAY} ELSE {15 * DAY} END"
    engine.keep(
        "decided",
        f"""
        SELECT d.person AS person,
               CASE WHEN r.highest IS NOT NULL THEN 16 - {engine.divide("r.highest", WIDTH)} % 16
                    WHEN {green_ends("d.declared")} > {NOW} THEN 1
                    ELSE 0 END AS outcome,
               CASE WHEN r.highest IS NOT NULL THEN {ORIGIN} + r.highest % {WIDTH}
                    WHEN {green_ends("d.declared")} > {NOW} THEN d.declared
                    ELSE {START} END AS since,
               CASE WHEN r.highest IS NOT NULL THEN {ORIGIN} + {engine.divide("r.highest", WIDTH * 16)} % {WIDTH}
                    WHEN {green_ends("d.declared")} > {NOW} THEN {green_ends("d.declared")}
                    ELSE {START} END AS until
        FROM {engine.table("declarations")} d
        LEFT JOIN (
            SELECT person,
                   max((((CASE WHEN rule IN ({reds}) THEN 2 ELSE 1 END) * {engine.wide(WIDTH)}
                        + until - {ORIGIN}) * 16 + 15 - rule) * {WIDTH} + since - {ORIGIN}) AS highest
            FROM (
                SELECT person, rule, since, {ends} AS until
                FROM (
                    SELECT person, rule, min(moment) AS since, max(moment) AS last
                    FROM ({facts(engine)}) f GROUP BY person, rule) g) e
            GROUP BY person) r ON r.person = d.person""",
    )


def green_ends(declared):
    """A declaration lasts 28 days."""
    return f"({declared} - {declared} % {DAY} + {29 * DAY})"


def facts(engine):
    """Every row that restricts somebody now, with the rule by which it does."""
    symptoms = engine.bits
    return f"""
        SELECT person, rule, moment FROM (
            SELECT person, declared AS moment,
                   {first_rule(
                       (1, f"{symptoms('symptoms', FEVER_OR_COUGH)} <> 0 AND {symptoms('symptoms', 'symptoms - 1')} <> 0"),
                       (2, f"{symptoms('symptoms', FEVER)} <> 0"),
                       (3, f"{symptoms('symptoms', OTHERS)} <> 0"),
                       moment='declared')} AS rule
            FROM {engine.table("declarations")} WHERE symptoms <> 0 AND declared >= {OLDEST} AND declared <= {NOW}) d
        WHERE rule > 0
        UNION ALL
        SELECT person, CASE WHEN ring = 1 THEN 4 ELSE 5 END AS rule, last AS moment
        FROM {engine.table("contacts")} WHERE ring <= 2 AND last >= {OLDEST} AND last <= {NOW}
        UNION ALL
        SELECT person, rule, moment FROM (
            SELECT person, sampled AS moment,
                   {first_rule((6, 'result = 1'), (7, 'result = 2'), moment='sampled')} AS rule
            FROM {engine.table("tests")} WHERE result > 0 AND sampled >= {OLDEST} AND sampled <= {NOW}) t
        WHERE rule > 0
        UNION ALL
        SELECT person, rule, moment FROM (
            SELECT person, last AS moment,
                   {first_rule(
                       (8, f"level = {HIGH} AND seconds >= {4 * HOUR}"),
                       (9, f"level = {HIGH}"),
                       (10, f"level = {MEDIUM} AND seconds >= {24 * HOUR}"),
                       (11, f"level = {MEDIUM}"),
                       (12, f"level = {LOW} AND seconds >= {72 * HOUR}"),
                       moment='last')} AS rule
            FROM (
                SELECT s.person AS person, r.level AS level, s.arrived AS arrived,
                       max(least(s.departed, r.until)) AS last,
                       sum(least(s.departed, r.until) - greatest(s.arrived, r.since)) AS seconds
                FROM {engine.table("stays")} s JOIN {engine.table("regions")} r ON s.region = r.region
                WHERE s.arrived < r.until AND s.departed > r.since
                      AND s.departed >= {OLDEST}
                GROUP BY s.person, s.arrived, s.region, r.level) at_level
            WHERE last <= {NOW}) s
        WHERE rule > 0"""


def first_rule(*conditions, moment):
    """The number of the first rule whose condition holds and whose end lies ahead, or 0."""
    cases = " ".join(
        f"WHEN {condition} AND {moment} >= {RULES[number - 1].oldest} THEN {number}"
        for number, condition in conditions
    )
    return f"CASE {cases} ELSE 0 END"


def answer(engine):
    """The decisions in a few numbers that differ when any decision differs; a list an outcome."""
    rows = engine.rows(
        f"""
        SELECT outcome, count(*), sum({engine.wide("since")} - {START}), sum({engine.wide("until")} - {START}),
               sum({engine.wide("person")})
        FROM decided GROUP BY outcome ORDER BY outcome"""
    )
    return [[int(cell) for cell in row] for row in rows]
