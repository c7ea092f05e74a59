-- A visit that is known changes only by its end, and only once: the first check-out wins. What
-- is stored comes back if it changed, for visit_by_venue to repeat.
INSERT INTO visit_by_person
    (person_id, visit_id, authority_id, venue_id, category, entered_at, left_at, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person_id, visit_id) DO UPDATE SET left_at = excluded.left_at
    WHERE visit_by_person.left_at IS NULL AND excluded.left_at IS NOT NULL
RETURNING person_id, visit_id, venue_id, category, entered_at, left_at;
