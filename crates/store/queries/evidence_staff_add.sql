INSERT INTO evidence_staff (person_id, evidence_id, staff_id)
VALUES ($1, $2, $3)
ON CONFLICT (person_id, evidence_id, staff_id) DO NOTHING;
