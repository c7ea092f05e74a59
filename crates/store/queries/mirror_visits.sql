-- The visits of everybody of one page of people, the first exclusive, the last inclusive.
SELECT person_id, visit_id, venue_id, category, entered_at, left_at
FROM visit_by_person
WHERE person_id > $1 AND person_id <= $2
ORDER BY person_id, visit_id;
