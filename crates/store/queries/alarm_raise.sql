-- Raised again on the same day, the greater number stays.
INSERT INTO alarm (alarm_id, kind, about, authority_id, raised_at, number)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (alarm_id) DO UPDATE SET number = excluded.number
WHERE alarm.number < excluded.number;
