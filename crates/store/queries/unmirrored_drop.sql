-- Evidence that came later keeps the note.
DELETE FROM unmirrored
WHERE person_id = $1 AND revision <= $2;
