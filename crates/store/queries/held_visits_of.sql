SELECT visit_id, person_id, venue_id, category, entered_at, left_at, held_at,
    scanner_id, authority_id, temperature
FROM held_visit
WHERE person_id = $1
ORDER BY entered_at, visit_id;
