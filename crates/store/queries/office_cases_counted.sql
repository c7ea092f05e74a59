-- Cases of an office that stand, by the quarter of an hour in which the illness began; where that is
-- not known, in which it was found. Which day that is depends on the zone.
SELECT COALESCE(onset_at, found_at) / 900, COUNT(onset_at), COUNT(*)
FROM office_case
WHERE authority_id = $1 AND opened_at >= $2 AND withdrawn_at IS NULL
GROUP BY COALESCE(onset_at, found_at) / 900
ORDER BY COALESCE(onset_at, found_at) / 900;
