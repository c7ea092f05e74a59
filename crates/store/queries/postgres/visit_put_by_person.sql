-- Many at once, each a different visit.
INSERT INTO visit_by_person
    (person_id, visit_id, authority_id, venue_id, category, entered_at, left_at, recorded_at)
SELECT put.person_id, put.visit_id, put.authority_id, put.venue_id, put.category, put.entered_at,
    put.left_at, put.recorded_at
FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8)
    AS put (person_id, visit_id, authority_id, venue_id, category, entered_at, left_at,
            recorded_at)
ON CONFLICT (person_id, visit_id) DO UPDATE SET left_at = excluded.left_at
    WHERE visit_by_person.left_at IS NULL AND excluded.left_at IS NOT NULL
RETURNING person_id, visit_id, venue_id, category, entered_at, left_at;
