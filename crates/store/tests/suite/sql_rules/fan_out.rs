//! Statements that ask every machine of a database that lies on many, reviewed one by one.

/// Statements that ask every machine, and why that is right.
pub const FAN_OUT: [(&str, &str); 123] = [
    (
        "scanners_of_authority.sql",
        "a control table: the list of an authority; by an index",
    ),
    (
        "scanner_recording.sql",
        "a control table, in the background",
    ),
    (
        "glitches_said.sql",
        "a page of some thousand rows, when a key of the vault changes",
    ),
    (
        "identity_phones_drop.sql",
        "a few rows, when an identity is replaced or deleted",
    ),
    (
        "glitches_waiting.sql",
        "a control table: the list of officers, page by page",
    ),
    (
        "glitches_waiting_count.sql",
        "a control table; an index has only what waits, and that is bounded",
    ),
    ("glitches_drop.sql", "a control table, in the background"),
    (
        "proposals_settled_counted.sql",
        "a control table: counted for a public page, kept for a minute",
    ),
    (
        "sqlite/office_cases.sql",
        "the list of an office, page by page; an index has it in this order",
    ),
    (
        "postgres/office_cases.sql",
        "the list of an office, page by page; an index has it in this order",
    ),
    (
        "venues_of.sql",
        "the list of an office, page by page; an index has it in this order",
    ),
    (
        "office_searches.sql",
        "counts the searches of an office; an index has only those that run",
    ),
    (
        "office_cases_counted.sql",
        "the curve of an office; an index has its cases of four weeks",
    ),
    (
        "proposals_waiting_counted.sql",
        "a control table: what waits is little",
    ),
    (
        "daily_counts_of_days.sql",
        "a control table: four weeks of it",
    ),
    (
        "person_moved_from.sql",
        "read by somebody who asks who looked at them; an index has only who moved to them",
    ),
    (
        "contradictions_waiting.sql",
        "the list of officers, page by page; an index has only what waits",
    ),
    (
        "contradictions_sealed_before.sql",
        "the vault is sealed anew, page by page in the background",
    ),
    (
        "contradictions_sealed_in.sql",
        "before the key of a month is destroyed, in the background",
    ),
    (
        "contradictions_sealed_with.sql",
        "asked by an operator who takes a key of the vault away",
    ),
    (
        "appeals_due.sql",
        "counts what is due, in the background; an index has only what waits",
    ),
    (
        "appeals_sealed_before.sql",
        "the vault is sealed anew, page by page in the background",
    ),
    (
        "appeals_sealed_with.sql",
        "asked by an operator who takes a key of the vault away",
    ),
    (
        "appeals_sealed_in.sql",
        "before the key of a month is destroyed, in the background",
    ),
    (
        "appeals_waiting.sql",
        "the queue of officers, page by page; an index has only what waits",
    ),
    (
        "appeals_to_remind.sql",
        "what is due soon, in the background; an index has only what waits",
    ),
    (
        "appeals_to_escalate.sql",
        "what is late, in the background; an index has only what waits",
    ),
    (
        "appeals_by_rule.sql",
        "counts appeals for the page of rules, kept for a minute; few rows for each person who appealed",
    ),
    (
        "appealing_people.sql",
        "whom the mirror does not decide; an index has only what waits",
    ),
    ("alarms.sql", "a control table, read by few"),
    ("alarms_open.sql", "a control table, read by monitors"),
    ("alarms_drop.sql", "a control table, in the background"),
    (
        "counters_of_caps.sql",
        "a control table; what was drawn on days that are over goes, in the background",
    ),
    (
        "document_person_after.sql",
        "blind indexes are rewritten, page by page in the background",
    ),
    (
        "identity_document_after.sql",
        "blind indexes are rewritten, page by page in the background",
    ),
    (
        "identity_phone_after.sql",
        "blind indexes are rewritten, page by page in the background",
    ),
    (
        "account_claims_after.sql",
        "blind indexes are rewritten, page by page in the background",
    ),
    (
        "disclosures_visible.sql",
        "counts the few hand-overs there were; an index has them in this order",
    ),
    (
        "identities_after.sql",
        "the vault is sealed anew, page by page in the background",
    ),
    (
        "devices_drop.sql",
        "keys of days that are over, in the background; an index has them first",
    ),
    (
        "status_indexes_ended.sql",
        "places whose codes have ended, page by page in the background; an index has them first",
    ),
    (
        "status_index_newest_list.sql",
        "once a minute; the end of the primary key of a look-up table",
    ),
    (
        "people_after.sql",
        "passes over everybody, page by page, in the background",
    ),
    (
        "mirror_people.sql",
        "the mirror is written from everybody, page by page, in the background",
    ),
    (
        "mirror_evidence.sql",
        "the same; one stretch of the primary key for each page of people",
    ),
    (
        "mirror_visits.sql",
        "the same; one stretch of the primary key for each page of people",
    ),
    (
        "unmirrored_after.sql",
        "whom the mirror may lack evidence about; the table has only these",
    ),
    ("generations.sql", "reads a control table, newest first"),
    (
        "generations_drop.sql",
        "two rows of a control table, when a copy is replaced",
    ),
    (
        "people_count.sql",
        "says how long a pass over everybody will be; once for each pass",
    ),
    (
        "verdict_outlines.sql",
        "everybody is decided again; one stretch of the primary key for each page of people",
    ),
    (
        "verdict_due.sql",
        "the sweep of due verdicts, in the background; an index has only these",
    ),
    (
        "verdict_first_due.sql",
        "what a monitor reads every 15 seconds; the first row of the index of the sweep",
    ),
    (
        "accounts_changed_since.sql",
        "nodes follow which accounts changed; an index has only these",
    ),
    (
        "tokens_before.sql",
        "once, when the program starts on a database from before there were accounts",
    ),
    (
        "codes_drop.sql",
        "one-time codes are forgotten, in the background; by an index on time",
    ),
    (
        "codes_sent_drop.sql",
        "that a phone was sent codes is forgotten, in the background; by an index on time",
    ),
    (
        "verdict_changed_since.sql",
        "other nodes follow what was decided; by an index on the number of the change",
    ),
    (
        "outbox_waiting.sql",
        "the delivery of messages, in the background; an index has only these",
    ),
    (
        "trace_waiting.sql",
        "the tracer looks for jobs; an index has only these",
    ),
    (
        "status_indexes_revoked.sql",
        "the status list is made of everybody's slots; once, when a node starts",
    ),
    (
        "status_indexes_revoked_since.sql",
        "nodes follow what was revoked; by an index on the number of the change",
    ),
    (
        "late_visits.sql",
        "the tracer looks for visits that came in late; the table has only these",
    ),
    (
        "late_memberships.sql",
        "the tracer looks for memberships that came in late; the table has only these",
    ),
    (
        "visits_after.sql",
        "the mirror is written from everybody's visits, page by page, in the background",
    ),
    (
        "receipts_drop.sql",
        "receipts are forgotten after a day, in the background; by an index on time",
    ),
    ("levels.sql", "reads a control table whole"),
    ("policies.sql", "reads a control table whole"),
    ("proposals.sql", "reads a control table, newest first"),
    ("proposals_page.sql", "reads a control table, page by page"),
    ("proposals_waiting.sql", "reads a control table"),
    (
        "proposals_waiting_of_staff.sql",
        "reads a control table, when an account of a staff member ends",
    ),
    (
        "staff_invitations_void.sql",
        "a few rows, when an account of a staff member ends",
    ),
    (
        "office_requests_drop.sql",
        "the table has the requests of an hour, in the background",
    ),
    (
        "proposals_outdate.sql",
        "a few rows of a control table, when something is approved",
    ),
    ("authorities.sql", "reads a control table whole"),
    (
        "authority_region_fill.sql",
        "a few hundred rows, once after version 0.1",
    ),
    (
        "authority_tokens.sql",
        "a few hundred rows, once after version 0.1",
    ),
    (
        "proposals_of_authority.sql",
        "reads a control table, what waits first",
    ),
    (
        "proposals_waiting_count.sql",
        "counts a few rows of a control table",
    ),
    (
        "held_visit_cases.sql",
        "a tracer looks for cases with something that waits; the table has only these",
    ),
    (
        "held_membership_cases.sql",
        "a tracer looks for cases with something that waits; the table has only these",
    ),
    (
        "proposals_of_kind.sql",
        "reads a control table, newest first",
    ),
    ("staff_all.sql", "reads a control table whole"),
    ("feeds.sql", "reads a control table whole"),
    (
        "staff_sessions_end.sql",
        "the sessions of one staff member; by an index",
    ),
    (
        "staff_sessions_drop.sql",
        "sessions are forgotten in the background; some thousand rows",
    ),
    (
        "staff_challenges_drop.sql",
        "challenges are forgotten in the background; some hundred rows",
    ),
    (
        "proposals_waiting_of_kind.sql",
        "reads a control table: a few that wait",
    ),
    (
        "staff_identities.sql",
        "the accounts at providers of one staff member; by an index",
    ),
    (
        "staff_identity_drop.sql",
        "the accounts at one provider of one staff member; by an index",
    ),
    (
        "staff_identities_drop.sql",
        "the accounts at providers of one staff member; by an index",
    ),
    (
        "staff_invitation_approve.sql",
        "the invitation of one proposal; by an index",
    ),
    (
        "staff_invitation_renew_proposer.sql",
        "the invitation of one proposal; by an index",
    ),
    (
        "staff_invitation_renew_approver.sql",
        "the invitation of one proposal; by an index",
    ),
    (
        "staff_invitations_first_end.sql",
        "a few rows, while there is no staff member",
    ),
    (
        "feed_signatures_drop.sql",
        "signed requests are forgotten in the background; those of some minutes",
    ),
    (
        "feed_credentials_end.sql",
        "some hundred rows, when a feed gets another credential",
    ),
    (
        "verdict_numbers_fill.sql",
        "a migration; one stretch of the primary key in each transaction",
    ),
    (
        "status_index_numbers_fill.sql",
        "a migration; one stretch of the primary key in each transaction",
    ),
    (
        "audit_waiting.sql",
        "entries get their place in the log, in the background; an index has only these",
    ),
    (
        "audit_waiting_whole.sql",
        "what has no place yet when the log is checked; an index has only these",
    ),
    (
        "audit_entries_from.sql",
        "the log is checked from its beginning, page by page; by an index",
    ),
    (
        "audit_entries_before.sql",
        "an auditor reads the newest entries; by an index",
    ),
    ("audit_witnesses.sql", "reads a control table whole"),
    ("look_counts_drop.sql", "a control table, in the background"),
    (
        "messages_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "messages_waiting_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "held_visits_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "held_memberships_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "traced_people_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "traced_venues_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "traced_groups_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "account_events_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "document_events_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "holdings_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "disclosed_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "proposals_settled_old.sql",
        "what is over is forgotten, some hundred rows at once in the background; by an index",
    ),
    (
        "staff_invitations_drop.sql",
        "a control table, in the background",
    ),
    (
        "session_tokens_after.sql",
        "what presents nothing any more is forgotten, page by page in the background",
    ),
    (
        "trace_contact_forget.sql",
        "the traces that found somebody whose evidence is forgotten, in the background; by an index",
    ),
    (
        "contradictions_to_tell.sql",
        "of which people are to be told, in the background; an index has only what waits",
    ),
    ("schema_version.sql", "the schema itself"),
];
