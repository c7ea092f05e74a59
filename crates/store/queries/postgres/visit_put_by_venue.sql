INSERT INTO visit_by_venue (venue_id, entered_at, visit_id, person_id, category, left_at)
SELECT put.venue_id, put.entered_at, put.visit_id, put.person_id, put.category, put.left_at
FROM UNNEST($1, $2, $3, $4, $5, $6)
    AS put (venue_id, entered_at, visit_id, person_id, category, left_at)
ON CONFLICT (venue_id, entered_at, visit_id) DO UPDATE SET left_at = excluded.left_at;
