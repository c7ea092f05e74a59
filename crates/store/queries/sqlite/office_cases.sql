-- One page of the cases of an office, the newest first. $7 is what the search for contacts does, or nothing
-- for all. With regions $8: of people who stayed there, as anybody says.
SELECT person_id, diagnosis_id, authority_id, found_at, onset_at, opened_at, withdrawn_at
FROM office_case
WHERE authority_id = $1 AND opened_at >= $2
    AND (opened_at, person_id, diagnosis_id) < ($3, $4, $5)
    AND (
        CAST($7 AS TEXT) = ''
        OR ($7 = 'withdrawn' AND withdrawn_at IS NOT NULL)
        OR (
            $7 <> 'withdrawn' AND withdrawn_at IS NULL
            AND EXISTS (
                SELECT 1
                FROM trace_job AS search
                WHERE search.person_id = office_case.person_id
                    AND search.diagnosis_id = office_case.diagnosis_id
                    AND ($7 = 'running') = (search.finished_at IS NULL)
            )
        )
    )
    AND (
        CAST($8 AS TEXT) = '[]'
        OR EXISTS (
            SELECT 1
            FROM evidence AS stay
            WHERE stay.person_id = office_case.person_id AND stay.kind = 'stay'
                AND EXISTS (
                    SELECT 1
                    FROM JSON_EACH($8) AS near
                    WHERE (stay.fact ->> 'region') LIKE near.value || '%'
                        OR near.value LIKE (stay.fact ->> 'region') || '%'
                )
                AND NOT EXISTS (
                    SELECT 1
                    FROM evidence AS taken_back
                    WHERE taken_back.person_id = stay.person_id AND taken_back.kind = 'withdrawal'
                        AND (taken_back.fact ->> 'of') = LOWER(HEX(stay.evidence_id))
                )
        )
    )
ORDER BY opened_at DESC, person_id DESC, diagnosis_id DESC
LIMIT $6;
