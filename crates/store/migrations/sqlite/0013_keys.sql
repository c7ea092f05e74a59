-- Keys of the vault that change, and alarms.

-- Which key of the vault writes blind indexes: the first, until another one is added.
INSERT INTO walk (name, in_force, after_id, decided, changed, is_finished)
VALUES ('index', '1', NULL, 0, 0, 1);
