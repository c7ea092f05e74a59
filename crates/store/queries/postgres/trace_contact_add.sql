INSERT INTO trace_contact (person_id, diagnosis_id, evidence_id, contact_id)
SELECT added.person_id, added.diagnosis_id, added.evidence_id, added.contact_id
FROM UNNEST($1, $2, $3, $4) AS added (person_id, diagnosis_id, evidence_id, contact_id)
ON CONFLICT (person_id, diagnosis_id, evidence_id) DO NOTHING;
