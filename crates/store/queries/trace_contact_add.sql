INSERT INTO trace_contact (person_id, diagnosis_id, evidence_id, contact_id)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, diagnosis_id, evidence_id) DO NOTHING;
