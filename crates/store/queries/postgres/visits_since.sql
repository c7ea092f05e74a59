-- The same of many people.
SELECT visit.person_id, visit.visit_id, visit.authority_id, visit.recorded_at, visit.venue_id,
    visit.category, visit.entered_at, visit.left_at
FROM UNNEST($1, $2) AS asked (person_id, since_at)
JOIN visit_by_person AS visit ON visit.person_id = asked.person_id
WHERE visit.left_at IS NULL OR visit.left_at >= asked.since_at
ORDER BY visit.person_id, visit.entered_at, visit.visit_id;
