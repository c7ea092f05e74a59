-- Where people stayed, and what was taken back, without reading whatever else is known of them: a list of the desk
-- asks it of each person whose matter waits.
CREATE INDEX evidence_stay ON evidence (person_id, evidence_id) WHERE kind = 'stay';
CREATE INDEX evidence_withdrawal ON evidence (person_id, evidence_id) WHERE kind = 'withdrawal';
