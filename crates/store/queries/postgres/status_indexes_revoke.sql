UPDATE slot
SET revoked_at = worse.revoked_at, change_number = worse.change_number
FROM UNNEST($1, $2, $3) AS worse (person_id, revoked_at, change_number)
WHERE slot.person_id = worse.person_id
    AND slot.revoked_at IS NULL
    AND slot.expires_at > worse.revoked_at
RETURNING slot.list, slot.slot_index, slot.revoked_at, slot.expires_at, slot.change_number;
