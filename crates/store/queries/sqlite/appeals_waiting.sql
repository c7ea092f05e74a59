-- One page of the open appeals that fall due by $4, the soonest due first.
-- $5 is 1 for whoever is responsible for everybody. Otherwise it is about people who are in the regions
-- $6: where others than $7 say that they stayed since $8; where nobody says that, where those are that said
-- anything; and if $9 is 1, whom nobody said anything about. As `service` decides of one person
-- (`crates/service/src/people/whereabouts.rs`).
SELECT person_id, appeal_id, filed_at, answer_by, seal, month, said, file_form, reminded_at,
    escalated_at, answered_at, outcome, answered_by, authority_id, reasons
FROM appeal
WHERE answered_at IS NULL AND (answer_by, person_id, appeal_id) > ($1, $2, $3) AND answer_by <= $4
    AND (
        CAST($5 AS BIGINT) = 1
        OR EXISTS (
            SELECT 1
            FROM evidence AS stay
            WHERE stay.person_id = appeal.person_id
                AND stay.kind = 'stay' AND stay.authority_id <> $7
                AND (stay.ends_at IS NULL OR stay.ends_at >= $8)
                AND EXISTS (
                    SELECT 1
                    FROM JSON_EACH($6) AS near
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
        OR (
            NOT EXISTS (
                SELECT 1
                FROM evidence AS stay
                WHERE stay.person_id = appeal.person_id
                    AND stay.kind = 'stay' AND stay.authority_id <> $7
                    AND (stay.ends_at IS NULL OR stay.ends_at >= $8)
                    AND NOT EXISTS (
                        SELECT 1
                        FROM evidence AS taken_back
                        WHERE taken_back.person_id = stay.person_id AND taken_back.kind = 'withdrawal'
                            AND (taken_back.fact ->> 'of') = LOWER(HEX(stay.evidence_id))
                    )
            )
            AND (
                EXISTS (
                    SELECT 1
                    FROM evidence AS said
                    WHERE said.person_id = appeal.person_id AND said.kind <> 'withdrawal'
                        AND said.authority_id NOT IN ($7, $10, $11)
                        AND (said.ends_at IS NULL OR said.ends_at >= $8)
                        AND said.authority_id IN (
                            SELECT office.authority_id
                            FROM authority AS office
                            WHERE EXISTS (
                                SELECT 1
                                FROM JSON_EACH($6) AS near
                                WHERE office.region LIKE near.value || '%'
                                    OR near.value LIKE office.region || '%'
                            )
                        )
                )
                OR (CAST($9 AS BIGINT) = 1 AND NOT EXISTS (
                    SELECT 1
                    FROM evidence AS said
                    WHERE said.person_id = appeal.person_id AND said.kind <> 'withdrawal'
                        AND said.authority_id NOT IN ($7, $10, $11)
                        AND (said.ends_at IS NULL OR said.ends_at >= $8)
                        AND said.authority_id IN (
                            SELECT office.authority_id
                            FROM authority AS office
                            WHERE office.region IS NOT NULL
                        )
                ))
            )
        )
    )
ORDER BY answer_by, person_id, appeal_id
LIMIT $12;
