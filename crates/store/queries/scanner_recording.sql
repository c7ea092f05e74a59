-- Whether any records visits, or did until $1.
SELECT scanner_id
FROM scanner
WHERE (venue_id IS NOT NULL AND ends_at > $1) OR venue_changed_at > $1
ORDER BY scanner_id
LIMIT 1;
