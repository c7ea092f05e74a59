-- Its time is over.
DELETE FROM outbox
WHERE person_id = $1 AND change_id = $2;
