-- Phones of a person, so that those of an identity that is replaced or deleted go with it.
CREATE INDEX identity_phone_of ON identity_phone (person_id);

-- How many proposals wait, without reading what they say.
CREATE INDEX proposal_waiting ON proposal (kind, proposed_by) WHERE outcome IS NULL;

-- How they ended, in the same way.
CREATE INDEX proposal_settled ON proposal (kind, outcome) WHERE outcome IS NOT NULL;
