-- Two indexes by which a list of the desk asks of each person whose matter waits where they are, without reading
-- all that is known of them.

-- Where they stayed.
CREATE INDEX evidence_stay ON evidence (person_id, evidence_id) WHERE kind = 'stay';
-- What was taken back.
CREATE INDEX evidence_withdrawal ON evidence (person_id, evidence_id) WHERE kind = 'withdrawal';
