INSERT INTO walk (name, in_force, after_id, decided, changed, is_finished)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET
    in_force = excluded.in_force,
    after_id = excluded.after_id,
    decided = excluded.decided,
    changed = excluded.changed,
    is_finished = excluded.is_finished;
