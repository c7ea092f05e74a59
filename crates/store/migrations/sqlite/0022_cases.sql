-- The cases of an office, for its list and its curve.

-- A case that an office confirmed. It is deleted with the diagnosis that it names.
CREATE TABLE office_case (
    -- Who.
    person_id BLOB NOT NULL,
    -- The diagnosis.
    diagnosis_id BLOB NOT NULL,
    -- Which office.
    authority_id BLOB NOT NULL,
    -- When the illness was found.
    found_at INTEGER NOT NULL,
    -- When it began; NULL if that is not known.
    onset_at INTEGER,
    -- When the search for contacts was opened.
    opened_at INTEGER NOT NULL,
    -- When the diagnosis was taken back; NULL while it stands.
    withdrawn_at INTEGER,
    PRIMARY KEY (person_id, diagnosis_id)
) WITHOUT ROWID;

-- The list of an office, newest first, page by page.
CREATE INDEX office_case_list ON office_case (authority_id, opened_at, person_id, diagnosis_id);

-- Cases from before there was this table: the first day of illness stays unknown. Who had anything taken
-- back is left out, since it might be the diagnosis.
INSERT INTO office_case
    (person_id, diagnosis_id, authority_id, found_at, onset_at, opened_at, withdrawn_at)
SELECT evidence.person_id, evidence.evidence_id, evidence.authority_id, evidence.begins_at, NULL,
    evidence.recorded_at, NULL
FROM trace_job, evidence
WHERE evidence.person_id = trace_job.person_id
    AND evidence.evidence_id = trace_job.diagnosis_id
    AND evidence.kind = 'diagnosis'
    AND NOT EXISTS (
        SELECT 1 FROM evidence AS taken_back
        WHERE taken_back.person_id = evidence.person_id AND taken_back.kind = 'withdrawal'
    );
