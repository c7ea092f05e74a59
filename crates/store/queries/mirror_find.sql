SELECT mirror_id
FROM mirror
WHERE name = $1;
