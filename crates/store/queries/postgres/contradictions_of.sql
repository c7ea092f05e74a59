-- Of many people.
SELECT contradiction.person_id, contradiction.contradiction_id, contradiction.about,
    contradiction.declared_id, contradiction.recorded_id, contradiction.found_at,
    contradiction.hear_by, contradiction.seal, contradiction.month, contradiction.said,
    contradiction.said_at, contradiction.said_to, contradiction.settled_at,
    contradiction.outcome, contradiction.settled_by, contradiction.authority_id,
    contradiction.reasons, contradiction.told_at
FROM UNNEST($1) AS asked (person_id)
JOIN contradiction ON contradiction.person_id = asked.person_id
ORDER BY contradiction.person_id, contradiction.found_at DESC, contradiction.contradiction_id;
