SELECT person_id, visit_id, authority_id, recorded_at, venue_id, category, entered_at, left_at
FROM visit_by_person
WHERE person_id = $1 AND visit_id = $2;
