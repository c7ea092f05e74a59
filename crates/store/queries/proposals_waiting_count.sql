-- How many of one authority's wait. What waits because it restricts too many is not counted: its sender
-- proposed nothing, and is not to be refused.
SELECT COUNT(*)
FROM proposal
WHERE proposed_by = $1 AND outcome IS NULL AND kind <> 'batch';
