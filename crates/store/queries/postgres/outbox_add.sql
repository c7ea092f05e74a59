INSERT INTO outbox (person_id, change_id, before_status, after_status, changed_at)
SELECT added.person_id, added.change_id, added.before_status, added.after_status, added.changed_at
FROM UNNEST($1, $2, $3, $4, $5)
    AS added (person_id, change_id, before_status, after_status, changed_at);
