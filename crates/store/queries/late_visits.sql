SELECT person_id, visit_id, venue_id, entered_at, until_at
FROM late_visit
ORDER BY person_id, visit_id
LIMIT $1;
