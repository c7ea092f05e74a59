-- Many at once, of whomever.
SELECT visit.person_id, visit.visit_id, visit.authority_id, visit.recorded_at, visit.venue_id,
    visit.category, visit.entered_at, visit.left_at
FROM UNNEST($1, $2) AS asked (person_id, visit_id)
JOIN visit_by_person AS visit
    ON visit.person_id = asked.person_id AND visit.visit_id = asked.visit_id
ORDER BY visit.person_id, visit.visit_id;
