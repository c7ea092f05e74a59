"""Contact tracing in SQL, for every peer that speaks it.

The question is that of `healthcode trace`. Ring 1 of a case: everybody who, inside the case's window,
shared venues with it for 15 minutes in all. Ring 2: everybody who in the same way met one person of
ring 1, counting from that person's own first shared moment to the end of the window, and who is
neither in ring 1 of that case nor a case. Each contact comes with the minutes shared with whom they
met longest, the first and last shared moment, and the number of venues.

It is asked step by step, with small tables in between, because every peer is faster that way than
with one nested query. Visits lie in two orders, `by_person` and `by_venue`, as they do for us.
"""

LEAST_SECONDS = 15 * 60


def trace(engine, rings):
    """Leaves the contacts of all cases in the table `contacts`."""
    engine.keep("carriers", f"SELECT person AS case_id, person AS carrier, since, until FROM {engine.table('cases')}")
    ring(engine, 1, "")
    if rings == 1:
        engine.keep("contacts", "SELECT * FROM ring_1")
        return
    engine.keep(
        "carriers",
        "SELECT r.case_id AS case_id, r.person AS carrier, r.first AS since, k.until AS until "
        f"FROM ring_1 r JOIN {engine.table('cases')} k ON k.person = r.case_id",
    )
    placed = f"""
        LEFT JOIN ring_1 r ON r.case_id = o.case_id AND r.person = o.person
        LEFT JOIN {engine.table("cases")} k ON k.person = o.person
        WHERE r.person IS NULL AND k.person IS NULL"""
    ring(engine, 2, placed)
    engine.keep("contacts", "SELECT * FROM ring_1 UNION ALL SELECT * FROM ring_2")


def ring(engine, number, placed):
    """Who met a carrier for long enough; `placed` leaves out those whose place is known."""
    engine.keep(
        "carrier_visits",
        f"""
        SELECT c.case_id AS case_id, c.carrier AS carrier, v.venue AS venue,
               greatest(v.entered, c.since) AS entered, least(v.departed, c.until) AS departed
        FROM {engine.only("by_person", "person", "carriers", "carrier")} v
        JOIN carriers c ON v.person = c.carrier
        WHERE v.entered < c.until AND v.departed > c.since""",
    )
    engine.keep(
        "shared",
        f"""
        SELECT m.case_id AS case_id, m.carrier AS carrier, v.person AS person, v.venue AS venue,
               sum(least(m.departed, v.departed) - greatest(m.entered, v.entered)) AS seconds,
               min(greatest(m.entered, v.entered)) AS first,
               max(least(m.departed, v.departed)) AS last
        FROM {engine.only("by_venue", "venue", "carrier_visits", "venue")} v
        JOIN carrier_visits m ON v.venue = m.venue
        WHERE v.entered < m.departed AND v.departed > m.entered AND v.person <> m.carrier
              {engine.entered_not_long_before("v", "m")}
        GROUP BY m.case_id, m.carrier, v.person, v.venue""",
    )
    engine.keep(
        "pairs",
        f"""
        SELECT case_id, carrier, person, sum(seconds) AS together
        FROM shared GROUP BY case_id, carrier, person HAVING sum(seconds) >= {LEAST_SECONDS}""",
    )
    engine.keep(
        f"ring_{number}",
        f"""
        SELECT {number} AS ring, o.case_id AS case_id, o.person AS person,
               max(p.together) AS seconds, min(o.first) AS first, max(o.last) AS last,
               count(DISTINCT o.venue) AS venues
        FROM shared o
        JOIN pairs p ON p.case_id = o.case_id AND p.carrier = o.carrier AND p.person = o.person
        {placed}
        GROUP BY o.case_id, o.person""",
    )


def answer(engine):
    """The contacts in a few numbers that differ when any contact differs; one list a ring."""
    rows = engine.rows(
        f"""
        SELECT ring, count(*), sum(minutes), sum(venues), sum(since_start), sum(until_start),
               sum((person % 10007) * (case_id % 10007) + minutes * (person % 1009))
        FROM (SELECT ring, {engine.wide("case_id")} AS case_id, {engine.wide("person")} AS person, venues,
                     {engine.divide("seconds", 60)} AS minutes,
                     {engine.wide("first")} % 1000003 AS since_start,
                     {engine.wide("last")} % 1000003 AS until_start
              FROM contacts) c
        GROUP BY ring ORDER BY ring"""
    )
    return [[int(cell) for cell in row] for row in rows]
