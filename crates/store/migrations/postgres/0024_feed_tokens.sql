-- Who was shown a token, and so can submit with it.

-- The staff member; NULL of a token that the operator made, or that is older than this column.
ALTER TABLE feed_credential ADD COLUMN shown_to bytea;
