SELECT alarm_id, kind, about, authority_id, raised_at, number, acknowledged_at, acknowledged_by
FROM alarm
WHERE alarm_id = $1;
