INSERT INTO membership_by_group (group_id, person_id, from_at, kind, until_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (group_id, person_id, from_at) DO UPDATE SET until_at = excluded.until_at;
