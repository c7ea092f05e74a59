-- The same of many people.
SELECT visit_by_person.person_id, visit_by_person.visit_id, visit_by_person.venue_id,
    visit_by_person.entered_at
FROM UNNEST($1, $2) AS asked (person_id, recorded_at)
JOIN visit_by_person ON visit_by_person.person_id = asked.person_id
WHERE visit_by_person.recorded_at < asked.recorded_at
    AND visit_by_person.entered_at < asked.recorded_at
    AND (visit_by_person.left_at IS NULL OR visit_by_person.left_at < asked.recorded_at)
ORDER BY visit_by_person.person_id, visit_by_person.visit_id;
