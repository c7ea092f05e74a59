-- Who somebody was before, so that they read who looked at them then.
CREATE INDEX person_moved_to ON person_moved (to_person_id);
