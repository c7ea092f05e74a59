SELECT in_force, after_id, decided, changed, is_finished
FROM walk
WHERE name = $1;
