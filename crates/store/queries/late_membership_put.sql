INSERT INTO late_membership (person_id, group_id, from_at, until_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, group_id, from_at) DO UPDATE SET until_at = excluded.until_at;
