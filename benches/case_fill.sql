-- Fills a migrated PostgreSQL database for `case … --filled` (crates/service/examples/case.rs) with
-- people who feel well and everybody's visits of the last three days: ten visits a person, a hundred
-- a venue, people and times by chance. Rows go in sorted, and the keys are made afterwards as the
-- migrations make them. The tables of visits write no log ahead while they are filled: a measurement
-- needs no crash safety for data that can be made again, and reads them as it would the others.
--
--   case postgres://… --found
--   psql -v people=10000000 -v venues=1000000 -f benches/case_fill.sql postgres://…
--   case postgres://… --filled --people 10000000 --venues 1000000 --visits 100000000
--
-- The city must be founded before it has people: then a policy needs two persons. Ten million people need some 45 GB.
\set ON_ERROR_STOP on
\timing on
SET maintenance_work_mem = '1GB';
SET work_mem = '1GB';
SET synchronous_commit = off;
SELECT extract(epoch FROM now())::bigint AS filled_at \gset

-- Identifiers are the numbers from 1, in 16 bytes; `pg_temp.chance` looks random and is repeatable.
CREATE FUNCTION pg_temp.id(number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS
    $$ SELECT int8send(0) || int8send(number) $$;
CREATE FUNCTION pg_temp.chance(number bigint, nth bigint, below bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS
    $$ SELECT (hashint8extended(number, nth) & 9223372036854775807) % below $$;

ALTER TABLE visit_by_person SET UNLOGGED;
ALTER TABLE visit_by_venue SET UNLOGGED;
ALTER TABLE visit_by_person DROP CONSTRAINT visit_by_person_pkey;
ALTER TABLE visit_by_venue DROP CONSTRAINT visit_by_venue_pkey;

-- A venue's visits in order of entry: one begins in each hundredth of the three days.
INSERT INTO visit_by_venue (venue_id, entered_at, visit_id, person_id, category, left_at)
SELECT pg_temp.id(venue),
    entered_at,
    int8send(hashint8extended(visit, 1)) || int8send(hashint8extended(visit, 2)),
    pg_temp.id(1 + pg_temp.chance(visit, 3, :people)),
    NULL,
    entered_at + 1800 + pg_temp.chance(visit, 4, 5400)
FROM generate_series(1, :venues::bigint) AS venue,
    LATERAL generate_series(venue * 100, venue * 100 + 99) AS visit,
    LATERAL (
        SELECT :filled_at - 7200 - 259200 + (visit - venue * 100) * 2592
            + pg_temp.chance(visit, 5, 2592) AS entered_at
    ) AS entry;

ALTER TABLE visit_by_venue ADD PRIMARY KEY (venue_id, entered_at, visit_id);

-- The same visits by person.
INSERT INTO visit_by_person
    (person_id, visit_id, authority_id, venue_id, category, entered_at, left_at, recorded_at)
SELECT pg_temp.id(person),
    int8send(hashint8extended(visit, 1)) || int8send(hashint8extended(visit, 2)),
    pg_temp.id(1),
    pg_temp.id(visit / 100),
    NULL,
    entered_at,
    entered_at + 1800 + pg_temp.chance(visit, 4, 5400),
    entered_at
FROM (
        SELECT visit, 1 + pg_temp.chance(visit, 3, :people) AS person
        FROM generate_series(1, :venues::bigint) AS venue,
            LATERAL generate_series(venue * 100, venue * 100 + 99) AS visit
        ORDER BY person
    ) AS sorted,
    LATERAL (
        SELECT :filled_at - 7200 - 259200 + (visit % 100) * 2592
            + pg_temp.chance(visit, 5, 2592) AS entered_at
    ) AS entry;

ALTER TABLE visit_by_person ADD PRIMARY KEY (person_id, visit_id);

INSERT INTO person (person_id, revision)
SELECT pg_temp.id(number), 1
FROM generate_series(1, :people::bigint) AS number;

INSERT INTO evidence
    (person_id, evidence_id, authority_id, kind, begins_at, ends_at, recorded_at, fact)
SELECT pg_temp.id(number), int8send(hashint8extended(number, 6)) || int8send(number),
    pg_temp.id(1), 'declaration', :filled_at, :filled_at, :filled_at,
    '{"kind":"declaration","at":' || :filled_at || ',"contact":"none"}'
FROM generate_series(1, :people::bigint) AS number;

ANALYZE;
