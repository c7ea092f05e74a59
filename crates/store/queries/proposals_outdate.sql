-- What is in force has changed: every other difference must be computed again. Written in the
-- transaction of an approval, so that of two approvals at once the second finds its own outdated.
UPDATE proposal
SET base = NULL, difference = NULL, compared_at = NULL
WHERE outcome IS NULL;
