DELETE FROM contradiction
WHERE person_id = $1 AND contradiction_id = $2;
