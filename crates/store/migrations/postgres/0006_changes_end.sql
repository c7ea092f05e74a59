-- The end of what 0006_changes.sql began, once verdicts and revoked indexes are numbered.

DROP TABLE request;

DROP INDEX verdict_decided;

-- Lets another node follow what was decided since it last looked.
CREATE INDEX verdict_changed ON verdict (change_number, person_id);

DROP INDEX slot_revoked_lately;

-- Finds the indexes that were revoked lately.
CREATE INDEX slot_revoked_lately ON slot (change_number, list, slot_index)
    WHERE revoked_at IS NOT NULL;

-- Visits are no longer kept in memory, so nobody claims to write all of them.
DELETE FROM counter WHERE name = 'visit_writer';

DELETE FROM walk WHERE name = 'migration 6';
