-- One page of what waits for an officer and may be settled by $4, the first found first.
-- $5 is 1 for whoever is responsible for everybody. Otherwise it is about people who are in the regions
-- $6: where others than $7 say that they stayed since $8; where nobody says that, where those are that said
-- anything; and if $9 is 1, whom nobody said anything about. As `service` decides of one person
-- (`crates/service/src/people/whereabouts.rs`).
-- `OFFSET 0` keeps the planner from reading everybody's evidence into memory first: each is asked of one person.
SELECT person_id, contradiction_id, about, declared_id, recorded_id, found_at, hear_by, seal, month, said,
    said_at, said_to, settled_at, outcome, settled_by, authority_id, reasons, told_at
FROM contradiction
WHERE settled_at IS NULL AND (hear_by, person_id, contradiction_id) > ($1, $2, $3) AND hear_by <= $4
    AND (
        CAST($5 AS BIGINT) = 1
        OR EXISTS (
            SELECT 1
            FROM evidence AS stay
            WHERE stay.person_id = contradiction.person_id
                AND stay.kind = 'stay' AND stay.authority_id <> $7
                AND (stay.ends_at IS NULL OR stay.ends_at >= $8)
                AND EXISTS (
                    SELECT 1
                    FROM JSON_ARRAY_ELEMENTS_TEXT(CAST($6 AS JSON)) AS near (value)
                    WHERE (CAST(stay.fact AS JSON) ->> 'region') LIKE near.value || '%'
                        OR near.value LIKE (CAST(stay.fact AS JSON) ->> 'region') || '%'
                )
                AND NOT EXISTS (
                    SELECT 1
                    FROM evidence AS taken_back
                    WHERE taken_back.person_id = stay.person_id AND taken_back.kind = 'withdrawal'
                        AND (CAST(taken_back.fact AS JSON) ->> 'of') = ENCODE(stay.evidence_id, 'hex')
                )
            OFFSET 0
        )
        OR (
            NOT EXISTS (
                SELECT 1
                FROM evidence AS stay
                WHERE stay.person_id = contradiction.person_id
                    AND stay.kind = 'stay' AND stay.authority_id <> $7
                    AND (stay.ends_at IS NULL OR stay.ends_at >= $8)
                    AND NOT EXISTS (
                        SELECT 1
                        FROM evidence AS taken_back
                        WHERE taken_back.person_id = stay.person_id AND taken_back.kind = 'withdrawal'
                            AND (CAST(taken_back.fact AS JSON) ->> 'of') = ENCODE(stay.evidence_id, 'hex')
                    )
                OFFSET 0
            )
            AND (
                EXISTS (
                    SELECT 1
                    FROM evidence AS said
                    WHERE said.person_id = contradiction.person_id AND said.kind <> 'withdrawal'
                        AND said.authority_id NOT IN ($7, $10, $11)
                        AND (said.ends_at IS NULL OR said.ends_at >= $8)
                        AND said.authority_id IN (
                            SELECT office.authority_id
                            FROM authority AS office
                            WHERE EXISTS (
                                SELECT 1
                                FROM JSON_ARRAY_ELEMENTS_TEXT(CAST($6 AS JSON)) AS near (value)
                                WHERE office.region LIKE near.value || '%'
                                    OR near.value LIKE office.region || '%'
                            )
                        )
                    OFFSET 0
                )
                OR (CAST($9 AS BIGINT) = 1 AND NOT EXISTS (
                    SELECT 1
                    FROM evidence AS said
                    WHERE said.person_id = contradiction.person_id AND said.kind <> 'withdrawal'
                        AND said.authority_id NOT IN ($7, $10, $11)
                        AND (said.ends_at IS NULL OR said.ends_at >= $8)
                        AND said.authority_id IN (
                            SELECT office.authority_id
                            FROM authority AS office
                            WHERE office.region IS NOT NULL
                        )
                    OFFSET 0
                ))
            )
        )
    )
ORDER BY hear_by, person_id, contradiction_id
LIMIT $12;
