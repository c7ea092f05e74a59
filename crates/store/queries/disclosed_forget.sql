-- Its time is over. The disclosure stays, and counts.
DELETE FROM disclosure_person
WHERE person_id = $1 AND disclosure_id = $2;
