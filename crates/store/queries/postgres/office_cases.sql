-- One page of the cases of an office, the newest first. $7 is what the search for contacts does, or nothing
-- for all. With regions $8: of people who stayed there, as anybody says.
-- What is near is asked as in `in_sight.part`.
-- `OFFSET 0` keeps the planner from reading everybody's evidence into memory first: each is asked of one person.
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
                OFFSET 0
            )
        )
    )
    AND (
        CAST($8 AS TEXT) = '[]'
        OR EXISTS (
            SELECT 1
            FROM evidence AS stay
            WHERE stay.person_id = office_case.person_id AND stay.kind = 'stay'
                AND (
                    (CAST(stay.fact AS JSON) ->> 'region') LIKE ANY (ARRAY(
                        SELECT near.value || '%'
                        FROM JSON_ARRAY_ELEMENTS_TEXT(CAST($8 AS JSON)) AS near (value)
                    ))
                    OR STRPOS(CAST($8 AS TEXT), '"' || (CAST(stay.fact AS JSON) ->> 'region')) > 0
                )
                AND NOT EXISTS (
                    SELECT 1
                    FROM evidence AS taken_back
                    WHERE taken_back.person_id = stay.person_id AND taken_back.kind = 'withdrawal'
                        AND (CAST(taken_back.fact AS JSON) ->> 'of') = ENCODE(stay.evidence_id, 'hex')
                )
            OFFSET 0
        )
    )
ORDER BY opened_at DESC, person_id DESC, diagnosis_id DESC
LIMIT $6;
