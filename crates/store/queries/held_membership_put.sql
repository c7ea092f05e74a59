-- A trace that runs again changes nothing.
INSERT INTO held_membership (person_id, group_id, member_id, from_at, kind, authority_id, held_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (person_id, group_id, member_id, from_at) DO NOTHING;
