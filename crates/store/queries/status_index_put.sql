-- Writes a place, or moves its expiry further away if the same phone claims it again. A place
-- that was revoked, or is another phone's, stays as it is.
INSERT INTO slot (person_id, list, slot_index, device_id, claimed_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (person_id, list, slot_index) DO UPDATE SET
    expires_at = CASE
        WHEN slot.expires_at < excluded.expires_at THEN excluded.expires_at
        ELSE slot.expires_at
    END
    WHERE slot.revoked_at IS NULL AND slot.device_id IS NOT DISTINCT FROM excluded.device_id;
