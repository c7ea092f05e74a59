//! Every SQL statement of the store, one file each under `queries/`.
//!
//! A statement that reads the same on both databases is one file; otherwise there is one in
//! `queries/sqlite/` and one in `queries/postgres/`.

mod in_sight;

pub(crate) use in_sight::{
    APPEALS_WAITING, CONTRADICTIONS_WAITING, HELD_MEMBERSHIP_CASES, HELD_VISIT_CASES,
};

/// One statement, in the words of each database.
#[derive(Debug)]
pub(crate) struct Query {
    /// Its file name, for errors.
    pub name: &'static str,
    /// The statement for SQLite.
    pub sqlite: &'static str,
    /// The statement for PostgreSQL.
    pub postgres: &'static str,
    /// The statement for PostgreSQL for many rows at once, each parameter an array.
    pub postgres_set: Option<&'static str>,
}

/// SQLite numbers `$1`, `$2`, … in the order in which they appear and `?1`, `?2`, … as they say.
const fn for_sqlite<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut changed = [0; N];
    let mut at = 0;
    while at < N {
        let is_parameter = bytes[at] == b'$' && at + 1 < N && bytes[at + 1].is_ascii_digit();
        changed[at] = if is_parameter { b'?' } else { bytes[at] };
        at += 1;
    }
    changed
}

const fn as_text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a query is not UTF-8"),
    }
}

macro_rules! queries {
    ($($name:ident = $file:literal $(or $postgres:literal)? $(set $set:literal)?;)*) => {$(
        pub(crate) static $name: Query = Query {
            name: $file,
            sqlite: {
                const TEXT: &str = include_str!(concat!("../queries/", $file));
                static CHANGED: [u8; TEXT.len()] = for_sqlite(TEXT);
                as_text(&CHANGED)
            },
            postgres: queries!(@postgres $file $(, $postgres)?),
            postgres_set: queries!(@set $($set)?),
        };
    )*};
    (@postgres $file:literal) => { include_str!(concat!("../queries/", $file)) };
    (@postgres $file:literal, $postgres:literal) => {
        include_str!(concat!("../queries/", $postgres))
    };
    (@set) => { None };
    (@set $set:literal) => { Some(include_str!(concat!("../queries/", $set))) };
}

queries! {
    PERSON_TOUCH = "person_touch.sql" set "postgres/person_touch.sql";
    PEOPLE_AFTER = "people_after.sql";
    PEOPLE_COUNT = "people_count.sql";
    TOKENS_BEFORE = "tokens_before.sql";
    TOKEN_BEFORE_DROP = "token_before_drop.sql";
    RECEIPT_ADD = "receipt_add.sql" set "postgres/receipt_add.sql";
    RECEIPT_FIND = "receipt_find.sql" set "postgres/receipt_find.sql";
    RECEIPT_FINISH = "receipt_finish.sql";
    RECEIPTS_DROP = "receipts_drop.sql";
    RECEIPTS_RELEASE = "receipts_release.sql";
    EVIDENCE_ADD = "evidence_add.sql" set "postgres/evidence_add.sql";
    EVIDENCE_SINCE = "evidence_since.sql" set "postgres/evidence_since.sql";
    EVIDENCE_FIND = "evidence_find.sql" set "postgres/evidence_find.sql";
    EVIDENCE_OF_STAYS = "evidence_of_stays.sql" set "postgres/evidence_of_stays.sql";
    EVIDENCE_OF_AUTHORITY = "evidence_of_authority.sql" set "postgres/evidence_of_authority.sql";
    EVIDENCE_EARLIEST = "evidence_earliest.sql" set "postgres/evidence_earliest.sql";
    VERDICT_PUT = "verdict_put.sql" set "postgres/verdict_put.sql";
    VERDICT_FIND = "verdict_find.sql" set "postgres/verdict_find.sql";
    VERDICT_OUTLINES = "verdict_outlines.sql";
    VERDICT_DUE = "verdict_due.sql";
    VERDICT_FIRST_DUE = "verdict_first_due.sql";
    VERDICT_CHANGED_SINCE = "verdict_changed_since.sql";
    OUTBOX_ADD = "outbox_add.sql" set "postgres/outbox_add.sql";
    OUTBOX_WAITING = "outbox_waiting.sql";
    OUTBOX_DELIVERED = "outbox_delivered.sql";
    CHANGE_NUMBER_DRAW = "sqlite/change_number_draw.sql" or "postgres/change_number_draw.sql";
    CHANGE_NUMBER_LAST = "sqlite/change_number_last.sql" or "postgres/change_number_last.sql";
    NOW = "sqlite/now.sql" or "postgres/now.sql";
    COUNTER_DRAW = "counter_draw.sql";
    COUNTER_FIND = "counter_find.sql";
    PUBLICATIONS_HOLD = "sqlite/one_writer.sql" or "postgres/publications_hold.sql";
    PUBLICATIONS_CLAIM = "sqlite/one_writer.sql" or "postgres/publications_claim.sql";
    COUNTERS_OF_CAPS = "counters_of_caps.sql";
    COUNTER_DROP = "counter_drop.sql";
    TRUST_LIST_NOTE = "trust_list_note.sql";
    TRUST_LIST_NEWEST = "trust_list_newest.sql";
    LEVEL_ADD = "level_add.sql";
    LEVELS = "levels.sql";
    POLICY_ADD = "policy_add.sql";
    POLICY_FIND = "policy_find.sql";
    POLICIES = "policies.sql";
    PROPOSAL_ADD = "proposal_add.sql";
    PROPOSAL_FIND = "proposal_find.sql";
    PROPOSALS = "proposals.sql";
    PROPOSALS_PAGE = "proposals_page.sql";
    PROPOSALS_WAITING = "proposals_waiting.sql";
    PROPOSALS_SETTLED_COUNTED = "proposals_settled_counted.sql";
    PROPOSALS_WAITING_COUNTED = "proposals_waiting_counted.sql";
    PROPOSAL_COMPARED = "proposal_compared.sql";
    PROPOSAL_APPROVE = "proposal_approve.sql";
    PROPOSAL_REJECT = "proposal_reject.sql";
    PROPOSALS_OUTDATE = "proposals_outdate.sql";
    CURSOR_PUT = "cursor_put.sql";
    CURSOR_FIND = "cursor_find.sql";
    INDEX_KEY_FIND = "sqlite/index_key_find.sql" or "postgres/index_key_find.sql";
    INDEX_KEY_PUT = "index_key_put.sql";
    DOCUMENT_PERSON_AFTER = "document_person_after.sql";
    DOCUMENT_PERSON_DROP = "document_person_drop.sql";
    IDENTITY_DOCUMENT_AFTER = "identity_document_after.sql";
    IDENTITY_DOCUMENT_PUT = "identity_document_put.sql";
    IDENTITY_DOCUMENT_DROP = "identity_document_drop.sql";
    IDENTITY_PHONE_AFTER = "identity_phone_after.sql";
    IDENTITY_PHONE_DROP = "identity_phone_drop.sql";
    IDENTITY_PHONES_DROP = "identity_phones_drop.sql";
    ACCOUNT_CLAIMS_AFTER = "account_claims_after.sql";
    ACCOUNT_CLAIM_DROP = "account_claim_drop.sql";
    ACCOUNT_REINDEX = "account_reindex.sql";
    ALARM_RAISE = "alarm_raise.sql";
    ALARM_FIND = "alarm_find.sql";
    ALARM_ACKNOWLEDGE = "alarm_acknowledge.sql";
    ALARMS = "alarms.sql";
    ALARMS_OPEN = "alarms_open.sql";
    ALARMS_DROP = "alarms_drop.sql";
    APPEAL_ADD = "appeal_add.sql";
    APPEAL_FILE_ADD = "appeal_file_add.sql";
    APPEAL_RULE_ADD = "appeal_rule_add.sql";
    APPEALED_EVIDENCE_CLAIM = "appealed_evidence_claim.sql";
    APPEALS_OPEN_OF = "appeals_open_of.sql" set "postgres/appeals_open_of.sql";
    APPEALS_OF = "appeals_of.sql";
    APPEAL_FIND = "appeal_find.sql";
    APPEAL_RULES = "appeal_rules.sql";
    APPEAL_FILE_FIND = "appeal_file_find.sql";
    APPEAL_ANSWER = "appeal_answer.sql";
    APPEAL_RULE_ANSWER = "appeal_rule_answer.sql";
    APPEALED_EVIDENCE_ANSWER = "appealed_evidence_answer.sql";
    APPEALS_TO_REMIND = "appeals_to_remind.sql";
    APPEALS_DUE = "appeals_due.sql";
    APPEAL_REMIND = "appeal_remind.sql";
    APPEALS_TO_ESCALATE = "appeals_to_escalate.sql";
    APPEAL_ESCALATE = "appeal_escalate.sql";
    APPEALS_BY_RULE = "appeals_by_rule.sql";
    APPEALING_PEOPLE = "appealing_people.sql";
    EVIDENCE_STAFF_ADD = "evidence_staff_add.sql" set "postgres/evidence_staff_add.sql";
    EVIDENCE_STAFF_OF = "evidence_staff_of.sql";
    EVIDENCE_STAFF_ABOUT = "evidence_staff_about.sql";
    EVIDENCE_STAFF_FORGET = "evidence_staff_forget.sql";
    APPEALS_SEALED_BEFORE = "appeals_sealed_before.sql";
    APPEALS_SEALED_WITH = "appeals_sealed_with.sql";
    APPEALS_SEALED_IN = "appeals_sealed_in.sql";
    APPEALS_OLD = "appeals_old.sql" set "postgres/appeals_old.sql";
    APPEAL_FORGET = "appeal_forget.sql";
    APPEAL_FILE_FORGET = "appeal_file_forget.sql";
    APPEAL_RULE_FORGET = "appeal_rule_forget.sql";
    APPEALED_EVIDENCE_FORGET = "appealed_evidence_forget.sql";
    APPEAL_RESEAL = "appeal_reseal.sql";
    APPEAL_FILE_RESEAL = "appeal_file_reseal.sql";
    CONTRADICTION_ADD = "contradiction_add.sql";
    CONTRADICTION_FIND = "contradiction_find.sql";
    CONTRADICTIONS_OF = "contradictions_of.sql" set "postgres/contradictions_of.sql";
    CONTRADICTION_SAY = "contradiction_say.sql";
    CONTRADICTION_SETTLE = "contradiction_settle.sql";
    CONTRADICTIONS_SEALED_BEFORE = "contradictions_sealed_before.sql";
    CONTRADICTIONS_SEALED_IN = "contradictions_sealed_in.sql";
    CONTRADICTIONS_SEALED_WITH = "contradictions_sealed_with.sql";
    CONTRADICTION_RESEAL = "contradiction_reseal.sql";
    CONTRADICTIONS_OLD = "contradictions_old.sql" set "postgres/contradictions_old.sql";
    CONTRADICTION_FORGET = "contradiction_forget.sql";
    MIRROR_CLAIM = "mirror_claim.sql";
    MIRROR_FIND = "mirror_find.sql";
    MIRROR_PEOPLE = "mirror_people.sql";
    MIRROR_EVIDENCE = "mirror_evidence.sql";
    MIRROR_VISITS = "mirror_visits.sql";
    UNMIRRORED_PUT = "unmirrored_put.sql" set "postgres/unmirrored_put.sql";
    UNMIRRORED_AFTER = "unmirrored_after.sql";
    UNMIRRORED_DROP = "unmirrored_drop.sql";
    GENERATION_ADD = "generation_add.sql";
    GENERATIONS = "generations.sql";
    GENERATIONS_DROP = "generations_drop.sql";
    VENUE_PUT = "venue_put.sql";
    VENUES_OF = "venues_of.sql";
    VENUE_FIND = "venue_find.sql";
    VISIT_PUT_BY_PERSON = "visit_put_by_person.sql" set "postgres/visit_put_by_person.sql";
    VISIT_PUT_BY_VENUE = "visit_put_by_venue.sql" set "postgres/visit_put_by_venue.sql";
    VISITS_SINCE = "visits_since.sql" set "postgres/visits_since.sql";
    VISIT_FIND = "visit_find.sql" set "postgres/visit_find.sql";
    VISITS_AFTER = "visits_after.sql";
    VISITS_OF = "visits_of.sql";
    VISITS_AT = "visits_at.sql";
    TRACE_OPEN = "trace_open.sql";
    TRACE_WAITING = "trace_waiting.sql";
    TRACE_FIND = "trace_find.sql" set "postgres/trace_find.sql";
    GLITCH_ADD = "glitch_add.sql";
    GLITCH_RESEAL = "glitch_reseal.sql";
    GLITCHES_SAID = "glitches_said.sql";
    GLITCH_FIND = "glitch_find.sql";
    GLITCHES_WAITING = "glitches_waiting.sql";
    GLITCHES_WAITING_COUNT = "glitches_waiting_count.sql";
    GLITCH_ANSWER = "glitch_answer.sql";
    GLITCH_ERASE = "glitch_erase.sql";
    GLITCHES_DROP = "glitches_drop.sql";
    OFFICE_CASE_ADD = "office_case_add.sql";
    OFFICE_CASE_FIND = "office_case_find.sql" set "postgres/office_case_find.sql";
    OFFICE_CASE_STANDING = "office_case_standing.sql";
    OFFICE_CASE_WITHDRAW = "office_case_withdraw.sql";
    OFFICE_CASE_FORGET = "office_case_forget.sql";
    OFFICE_CASES = "sqlite/office_cases.sql" or "postgres/office_cases.sql";
    IMPORT_MAPPING_PUT = "import_mapping_put.sql";
    IMPORT_MAPPING_FIND = "import_mapping_find.sql";
    IMPORT_MAPPING_DROP = "import_mapping_drop.sql";
    IMPORT_MAPPINGS = "import_mappings.sql";
    IMPORT_MAPPINGS_COUNT = "import_mappings_count.sql";
    OFFICE_SEARCHES = "office_searches.sql";
    OFFICE_CASES_COUNTED = "office_cases_counted.sql";
    TRACE_FINISH = "trace_finish.sql";
    TRACE_REOPEN = "trace_reopen.sql";
    TRACE_CARRIER_PUT = "trace_carrier_put.sql";
    TRACE_VENUE_PUT = "trace_venue_put.sql";
    TRACES_OF_CARRIER = "traces_of_carrier.sql";
    TRACES_AT_VENUE = "traces_at_venue.sql";
    TRACE_CONTACT_ADD = "trace_contact_add.sql" set "postgres/trace_contact_add.sql";
    TRACE_CONTACTS = "trace_contacts.sql";
    TRACE_CONTACTS_AFTER = "trace_contacts_after.sql";
    HELD_VISIT_PUT = "held_visit_put.sql";
    HELD_VISITS_OF = "held_visits_of.sql";
    HELD_VISIT_DROP = "held_visit_drop.sql";
    HELD_MEMBERSHIP_PUT = "held_membership_put.sql";
    HELD_MEMBERSHIPS_OF = "held_memberships_of.sql";
    HELD_MEMBERSHIP_DROP = "held_membership_drop.sql";
    LATE_VISIT_PUT = "late_visit_put.sql" set "postgres/late_visit_put.sql";
    LATE_VISITS = "late_visits.sql";
    LATE_VISIT_DROP = "late_visit_drop.sql";
    MEMBERSHIP_PUT_BY_PERSON = "membership_put_by_person.sql";
    MEMBERSHIP_PUT_BY_GROUP = "membership_put_by_group.sql";
    MEMBERSHIP_COUNT_BY_PERSON = "membership_count_by_person.sql";
    MEMBERSHIP_COUNT_BY_GROUP = "membership_count_by_group.sql";
    MEMBERSHIPS_OF = "memberships_of.sql";
    MEMBERS_OF = "members_of.sql";
    TRACE_GROUP_PUT = "trace_group_put.sql";
    TRACES_IN_GROUP = "traces_in_group.sql";
    LATE_MEMBERSHIP_PUT = "late_membership_put.sql";
    LATE_MEMBERSHIPS = "late_memberships.sql";
    LATE_MEMBERSHIP_DROP = "late_membership_drop.sql";
    DEVICE_ADD = "device_add.sql";
    DEVICE_FIND = "device_find.sql";
    DEVICES_DROP = "devices_drop.sql";
    STATUS_INDEXES_ENDED = "status_indexes_ended.sql";
    STATUS_INDEX_DROP = "status_index_drop.sql";
    STATUS_INDEX_RELEASE = "status_index_release.sql";
    STATUS_INDEX_NEWEST_LIST = "status_index_newest_list.sql";
    DEVICES_OF = "devices_of.sql";
    DEVICE_END = "device_end.sql";
    DEVICES_END = "devices_end.sql";
    STATUS_INDEX_CLAIM = "status_index_claim.sql";
    STATUS_INDEX_HOLDER = "status_index_holder.sql";
    STATUS_INDEX_PUT = "status_index_put.sql";
    STATUS_INDEX_NEWEST = "status_index_newest.sql";
    STATUS_INDEXES_REVOKE = "status_indexes_revoke.sql" set "postgres/status_indexes_revoke.sql";
    STATUS_INDEXES_REVOKED = "status_indexes_revoked.sql";
    STATUS_INDEXES_REVOKED_SINCE = "status_indexes_revoked_since.sql";
    AUTHORITY_PUT = "authority_put.sql";
    AUTHORITY_TOKEN_DROP = "authority_token_drop.sql";
    AUTHORITIES = "authorities.sql";
    AUTHORITY_REGION_FILL = "authority_region_fill.sql";
    AUTHORITY_TOKENS = "authority_tokens.sql";
    STAFF_ADD = "staff_add.sql";
    STAFF_FIND = "staff_find.sql";
    STAFF_ALL = "staff_all.sql";
    STAFF_END = "staff_end.sql";
    STAFF_PASSKEY_PUT = "staff_passkey_put.sql";
    STAFF_PASSKEYS = "staff_passkeys.sql";
    STAFF_SESSION_ADD = "staff_session_add.sql";
    STAFF_SESSION_FIND = "staff_session_find.sql";
    STAFF_SESSION_SEEN = "staff_session_seen.sql";
    STAFF_SESSION_STEP_UP = "staff_session_step_up.sql";
    STAFF_SESSION_END = "staff_session_end.sql";
    STAFF_SESSIONS_END = "staff_sessions_end.sql";
    STAFF_SESSIONS_DROP = "staff_sessions_drop.sql";
    STAFF_INVITATION_ADD = "staff_invitation_add.sql";
    STAFF_INVITATION_FIND = "staff_invitation_find.sql";
    STAFF_INVITATION_USE = "staff_invitation_use.sql";
    STAFF_INVITATION_APPROVE = "staff_invitation_approve.sql";
    STAFF_INVITATION_RENEW_PROPOSER = "staff_invitation_renew_proposer.sql";
    STAFF_INVITATION_RENEW_APPROVER = "staff_invitation_renew_approver.sql";
    STAFF_INVITATIONS_FIRST_END = "staff_invitations_first_end.sql";
    STAFF_INVITATIONS_VOID = "staff_invitations_void.sql";
    STAFF_IDENTITY_CLAIM = "staff_identity_claim.sql";
    STAFF_IDENTITY_FIND = "staff_identity_find.sql";
    STAFF_IDENTITIES = "staff_identities.sql";
    STAFF_IDENTITY_DROP = "staff_identity_drop.sql";
    STAFF_IDENTITIES_DROP = "staff_identities_drop.sql";
    STAFF_CHALLENGE_ADD = "staff_challenge_add.sql";
    STAFF_CHALLENGE_FIND = "staff_challenge_find.sql";
    STAFF_CHALLENGE_DROP = "staff_challenge_drop.sql";
    STAFF_CHALLENGES_DROP = "staff_challenges_drop.sql";
    FEED_ADD = "feed_add.sql";
    FEED_FIND = "feed_find.sql";
    FEEDS = "feeds.sql";
    FEED_END = "feed_end.sql";
    FEED_CREDENTIAL_ADD = "feed_credential_add.sql";
    FEED_CREDENTIAL_FIND = "feed_credential_find.sql";
    FEED_CREDENTIALS_END = "feed_credentials_end.sql";
    FEED_SIGNATURE_NOTE = "feed_signature_note.sql";
    FEED_SIGNATURES_DROP = "feed_signatures_drop.sql";
    PROPOSAL_SETTLE = "proposal_settle.sql";
    PROPOSAL_VOUCH = "proposal_vouch.sql";
    PROPOSAL_UNVOUCH = "proposal_unvouch.sql";
    PROPOSALS_WAITING_OF_STAFF = "proposals_waiting_of_staff.sql";
    PROPOSALS_OF_KIND = "proposals_of_kind.sql";
    PROPOSALS_OF_AUTHORITY = "proposals_of_authority.sql";
    PROPOSALS_WAITING_COUNT = "proposals_waiting_count.sql";
    PROPOSALS_WAITING_OF_KIND = "proposals_waiting_of_kind.sql";
    DOCUMENT_CLAIM = "document_claim.sql" set "postgres/document_claim.sql";
    DOCUMENT_FIND = "document_find.sql" set "postgres/document_find.sql";
    PHONE_ADD = "phone_add.sql" set "postgres/phone_add.sql";
    PHONE_FIND = "phone_find.sql";
    IDENTITY_DROP = "identity_drop.sql";
    IDENTITY_PUT = "identity_put.sql" set "postgres/identity_put.sql";
    IDENTITY_FIND = "identity_find.sql";
    IDENTITIES_AFTER = "identities_after.sql";
    IDENTITY_RESEAL = "identity_reseal.sql";
    IDENTITY_REPLACE = "identity_replace.sql";
    DOCUMENT_BEFORE_FIND = "document_before_find.sql" set "postgres/document_before_find.sql";
    ACCOUNT_ADD = "account_add.sql" set "postgres/account_add.sql";
    ACCOUNT_FIND = "account_find.sql";
    ACCOUNT_LOCK = "account_lock.sql";
    ACCOUNT_CHANGE = "account_change.sql";
    ACCOUNTS_CHANGED_SINCE = "accounts_changed_since.sql";
    ACCOUNT_CLAIM_ADD = "account_claim_add.sql" set "postgres/account_claim_add.sql";
    ACCOUNT_CLAIMS = "account_claims.sql";
    ACCOUNT_EVENT_ADD = "account_event_add.sql";
    ACCOUNT_EVENTS = "account_events.sql";
    ACCOUNT_EVENTS_DROP = "account_events_drop.sql";
    ACCOUNT_FORGET = "account_forget.sql";
    DOCUMENT_EVENT_ADD = "document_event_add.sql";
    DOCUMENT_EVENTS = "document_events.sql";
    DOCUMENT_EVENT_EXISTS = "document_event_exists.sql";
    OFFICE_REQUEST_PUT = "office_request_put.sql";
    OFFICE_REQUEST_FIND = "office_request_find.sql";
    OFFICE_REQUEST_DROP = "office_request_drop.sql";
    OFFICE_REQUESTS_DROP = "office_requests_drop.sql";
    ACCOUNT_PERSON_PUT = "account_person_put.sql";
    ACCOUNT_PERSON_END = "account_person_end.sql";
    ACCOUNT_PEOPLE = "account_people.sql";
    PERSON_HOLDER_PUT = "person_holder_put.sql";
    PERSON_HOLDER_END = "person_holder_end.sql";
    PERSON_HOLDERS = "person_holders.sql";
    BINDING_PUT = "binding_put.sql";
    BINDING_FIND = "binding_find.sql";
    BINDING_DROP = "binding_drop.sql";
    PERSON_MOVED_ADD = "person_moved_add.sql";
    PERSON_MOVED_FROM = "person_moved_from.sql";
    PERSON_MOVED_FIND = "person_moved_find.sql" set "postgres/person_moved_find.sql";
    SESSION_ADD = "session_add.sql" set "postgres/session_add.sql";
    SESSION_TOKEN_CLAIM = "session_token_claim.sql" set "postgres/session_token_claim.sql";
    SESSION_TOKEN_FIND = "session_token_find.sql";
    SESSION_FIND = "session_find.sql";
    SESSIONS_OF = "sessions_of.sql";
    SESSION_SEE = "session_see.sql";
    SESSION_END = "session_end.sql";
    SESSIONS_DROP = "sessions_drop.sql";
    SESSIONS_END = "sessions_end.sql";
    CODE_ADD = "code_add.sql";
    CODE_TRY = "code_try.sql";
    CODE_USE = "code_use.sql";
    CODE_SENT_ADD = "code_sent_add.sql";
    CODES_SENT = "codes_sent.sql";
    CODES_DROP = "codes_drop.sql";
    CODES_SENT_DROP = "codes_sent_drop.sql";
    TALLY_FIND = "tally_find.sql";
    TALLY_BEGIN = "tally_begin.sql";
    TALLY_ADVANCE = "tally_advance.sql";
    TALLIED_PUT = "tallied_put.sql" set "postgres/tallied_put.sql";
    TALLIED_FIND = "tallied_find.sql" set "postgres/tallied_find.sql";
    DAILY_COUNT_ADD = "daily_count_add.sql" set "postgres/daily_count_add.sql";
    DAILY_COUNTS_OF_DAYS = "daily_counts_of_days.sql";
    DAILY_COUNTS = "daily_counts.sql";
    VERDICT_NUMBERS_FILL = "verdict_numbers_fill.sql";
    STATUS_INDEX_NUMBERS_FILL = "status_index_numbers_fill.sql";
    AUDIT_ENTRY_ADD = "audit_entry_add.sql" set "postgres/audit_entry_add.sql";
    AUDIT_PERSON_ADD = "audit_person_add.sql" set "postgres/audit_person_add.sql";
    AUDIT_WAITING = "audit_waiting.sql";
    AUDIT_WAITING_WHOLE = "audit_waiting_whole.sql";
    AUDIT_ENTRY_PLACE = "audit_entry_place.sql" set "postgres/audit_entry_place.sql";
    AUDIT_ENTRIES_FROM = "audit_entries_from.sql";
    AUDIT_ENTRIES_BEFORE = "audit_entries_before.sql";
    AUDIT_ENTRY_FIND = "audit_entry_find.sql";
    AUDIT_ENTRY_ERASE = "audit_entry_erase.sql";
    AUDIT_PERSON_DROP = "audit_person_drop.sql";
    AUDIT_PERSON_FIND = "audit_person_find.sql" set "postgres/audit_person_find.sql";
    TRIGGERS = "sqlite/triggers.sql" or "postgres/triggers.sql";
    AUDIT_OF_PERSON = "audit_of_person.sql";
    AUDIT_TILE_FIND = "audit_tile_find.sql";
    AUDIT_TILE_PUT = "audit_tile_put.sql";
    AUDIT_HEAD_LOCK = "audit_head_lock.sql";
    AUDIT_HEAD_FIND = "audit_head_find.sql";
    AUDIT_HEAD_PUT = "audit_head_put.sql";
    AUDIT_WITNESS_PUT = "audit_witness_put.sql";
    AUDIT_WITNESSES = "audit_witnesses.sql";
    LOOK_COUNT_ADD = "look_count_add.sql";
    LOOK_COUNTS = "look_counts.sql";
    LOOK_COUNTS_DROP = "look_counts_drop.sql";
    EVIDENCE_OLD = "evidence_old.sql" set "postgres/evidence_old.sql";
    EVIDENCE_FORGET = "evidence_forget.sql";
    VISITS_OLD = "visits_old.sql" set "postgres/visits_old.sql";
    MEMBERSHIPS_OLD = "memberships_old.sql" set "postgres/memberships_old.sql";
    MEMBERSHIP_BY_PERSON_FORGET = "membership_by_person_forget.sql";
    MEMBERSHIP_BY_GROUP_FORGET = "membership_by_group_forget.sql";
    VISIT_BY_PERSON_FORGET = "visit_by_person_forget.sql";
    SCANNER_ADD = "scanner_add.sql";
    SCANNER_FIND = "scanner_find.sql";
    SCANNERS_OF_AUTHORITY = "scanners_of_authority.sql";
    SCANNER_ENROL = "scanner_enrol.sql";
    SCANNER_END = "scanner_end.sql";
    SCANNER_RECORD_VISITS = "scanner_record_visits.sql";
    SCANNER_RECORDING = "scanner_recording.sql";
    DOOR_VISIT_ADD = "door_visit_add.sql";
    DOOR_VISITS_OF = "door_visits_of.sql";
    DOOR_VISIT_FORGET = "door_visit_forget.sql";
    STATUS_INDEX_FIND = "status_index_find.sql";
    VISIT_BY_VENUE_FORGET = "visit_by_venue_forget.sql";
    DISCLOSURE_ADD = "disclosure_add.sql";
    DISCLOSURE_PERSON_ADD = "disclosure_person_add.sql";
    DISCLOSURE_FIND = "disclosure_find.sql";
    DISCLOSURES_OF_PERSON = "disclosures_of_person.sql";
    DISCLOSURES_VISIBLE = "disclosures_visible.sql";
    MESSAGES_OLD = "messages_old.sql";
    MESSAGES_WAITING_OLD = "messages_waiting_old.sql";
    MESSAGE_FORGET = "message_forget.sql";
    HELD_VISITS_OLD = "held_visits_old.sql";
    HELD_MEMBERSHIPS_OLD = "held_memberships_old.sql";
    TRACED_PEOPLE_OLD = "traced_people_old.sql";
    TRACED_PERSON_FORGET = "traced_person_forget.sql";
    TRACED_VENUES_OLD = "traced_venues_old.sql";
    TRACED_VENUE_FORGET = "traced_venue_forget.sql";
    TRACED_GROUPS_OLD = "traced_groups_old.sql";
    TRACED_GROUP_FORGET = "traced_group_forget.sql";
    ACCOUNT_EVENTS_OLD = "account_events_old.sql";
    ACCOUNT_EVENT_FORGET = "account_event_forget.sql";
    DOCUMENT_EVENTS_OLD = "document_events_old.sql";
    DOCUMENT_EVENT_FORGET = "document_event_forget.sql";
    HOLDINGS_OLD = "holdings_old.sql";
    PERSON_HOLDER_FORGET = "person_holder_forget.sql";
    ACCOUNT_PERSON_FORGET = "account_person_forget.sql";
    DISCLOSED_OLD = "disclosed_old.sql";
    DISCLOSED_FORGET = "disclosed_forget.sql";
    PROPOSALS_SETTLED_OLD = "proposals_settled_old.sql";
    PROPOSAL_FORGET = "proposal_forget.sql";
    STAFF_INVITATIONS_DROP = "staff_invitations_drop.sql";
    SESSION_TOKENS_AFTER = "session_tokens_after.sql";
    SESSION_TOKEN_FORGET = "session_token_forget.sql";
    SESSION_FORGET = "session_forget.sql";
    TRACE_JOB_FORGET = "trace_job_forget.sql";
    TRACE_CONTACTS_FORGET = "trace_contacts_forget.sql";
    TRACE_CONTACT_FORGET = "trace_contact_forget.sql";
    CONTRADICTIONS_TO_TELL = "contradictions_to_tell.sql";
    CONTRADICTION_TOLD = "contradiction_told.sql";
    SUNSET_BEGIN = "sunset_begin.sql";
    SUNSET_FIND = "sunset_find.sql";
    SUNSET_FINISH = "sunset_finish.sql";
    SCHEMA_CREATE = "schema_create.sql";
    SCHEMA_ADVANCE = "schema_advance.sql";
    SCHEMA_VERSION = "schema_version.sql";
    SCHEMA_EXISTS = "sqlite/schema_exists.sql" or "postgres/schema_exists.sql";
    QUICK_CHECK = "sqlite/quick_check.sql";
    HEALTH = "sqlite/health.sql" or "postgres/health.sql";
}
