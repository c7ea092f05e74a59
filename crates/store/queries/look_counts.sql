SELECT day, staff_id, looks
FROM look_count
WHERE authority_id = $1 AND day >= $2
ORDER BY day, staff_id;
