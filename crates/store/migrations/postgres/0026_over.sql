-- What is over is found by a time of its own row, and the person is told of a contradiction.

-- When the person was sent a message that they may say something, or it was found that they cannot be sent
-- one; NULL until then.
ALTER TABLE contradiction ADD COLUMN told_at BIGINT;
-- Of which the person is still to be told.
CREATE INDEX contradiction_to_tell ON contradiction (found_at, person_id, contradiction_id)
WHERE told_at IS NULL AND settled_at IS NULL;

-- Messages that went out, the first delivered first.
CREATE INDEX outbox_delivered ON outbox (delivered_at, person_id, change_id)
WHERE delivered_at IS NOT NULL;
-- Visits that wait for a tracer, the first uploaded first.
CREATE INDEX held_visit_held ON held_visit (held_at, person_id, visit_id);
-- Memberships that wait for a tracer, the first met first.
CREATE INDEX held_membership_held
ON held_membership (held_at, person_id, group_id, member_id, from_at);
-- What traces read, the first that was over first.
CREATE INDEX trace_carrier_until ON trace_carrier (until_at, person_id, case_id, diagnosis_id);
-- The same of venues.
CREATE INDEX trace_venue_until ON trace_venue (until_at, venue_id, case_id, diagnosis_id, from_at);
-- The same of groups.
CREATE INDEX trace_group_until ON trace_group (until_at, group_id, case_id, diagnosis_id, from_at);
-- The traces that found a contact, so that they forget it with the evidence.
CREATE INDEX trace_contact_of ON trace_contact (contact_id, evidence_id);
-- What was done to accounts, the oldest first.
CREATE INDEX account_event_happened ON account_event (happened_at, account_id, event_id);
-- What was done with documents, the oldest first; that an account was taken away stays.
CREATE INDEX document_event_happened ON document_event (happened_at, person_id, event_id)
WHERE kind <> 'other-ended' AND kind <> 'deleted';
-- Guardianships and consents that ended, the first that did first.
CREATE INDEX person_holder_ended ON person_holder (until_at, person_id, account_id)
WHERE until_at IS NOT NULL;
-- Who was in disclosures, the first that was visible first.
CREATE INDEX disclosure_person_visible ON disclosure_person (visible_at, person_id, disclosure_id);
-- Settled proposals that still say whom they are about, the first settled first.
CREATE INDEX proposal_settled_at ON proposal (settled_at, proposal_id)
WHERE content <> '' AND kind <> 'policy' AND kind <> 'levels' AND kind <> 'feed' AND kind <> 'sunset';
