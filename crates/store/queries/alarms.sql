SELECT alarm_id, kind, about, authority_id, raised_at, number, acknowledged_at, acknowledged_by
FROM alarm
ORDER BY raised_at DESC, alarm_id
LIMIT $1;
