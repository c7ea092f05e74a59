SELECT staff_id, authority_id, name, roles, regions, invited_by, approved_by, created_at, ended_at
FROM staff_member
WHERE staff_id = $1;
