INSERT INTO membership_by_group
    (group_id, person_id, from_at, kind, until_at, counts_from, authority_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (group_id, person_id, from_at) DO UPDATE SET until_at = excluded.until_at;
