INSERT INTO evidence_staff (person_id, evidence_id, staff_id)
SELECT added.person_id, added.evidence_id, added.staff_id
FROM UNNEST($1, $2, $3) AS added (person_id, evidence_id, staff_id)
ON CONFLICT (person_id, evidence_id, staff_id) DO NOTHING;
