INSERT INTO look_count (authority_id, day, staff_id, looks)
VALUES ($1, $2, $3, $4)
ON CONFLICT (authority_id, day, staff_id) DO UPDATE SET looks = look_count.looks + excluded.looks;
