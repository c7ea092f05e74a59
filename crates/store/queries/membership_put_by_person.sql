-- A membership that is known changes only by an earlier end: of two the earlier counts, in whatever
-- order they come. What is stored comes back if it changed, for membership_by_group to repeat.
INSERT INTO membership_by_person
    (person_id, group_id, from_at, kind, until_at, authority_id, recorded_at, counts_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (person_id, group_id, from_at) DO UPDATE SET until_at = excluded.until_at
    WHERE excluded.until_at < COALESCE(membership_by_person.until_at, 9223372036854775807)
RETURNING person_id, group_id, kind, from_at, until_at, counts_from, authority_id;
