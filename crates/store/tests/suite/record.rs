//! The store with a verb for each function of its nouns, each in a transaction of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use domain::{
    AccountId, AlarmId, Authority, AuthorityId, ChallengeId, DeviceId, Evidence, EvidenceId,
    FeedId, GroupId, PersonId, ProposalId, Region, RegionLevel, SessionId, StaffId, Timestamp,
    VenueId,
};
use jiff::civil::Date;
use store::accounts::{Account, AccountEvent, HeldPerson};
use store::alarms::AlarmRecord;
use store::blind_indexes::{IndexRewrite, IndexRow, IndexTable, StoredIndex};
use store::evidence::EvidenceKey;
use store::feeds::{FeedCredential, FeedRecord};
use store::held_memberships::HeldMembership;
use store::held_visits::HeldVisit;
use store::identities::{BlindIndex, NewIdentity, SealedIdentity};
use store::memberships::{Counts, ListedMembership, Membership};
use store::mirror::{Generation, Noted, PersonEvidence};
use store::office_requests::OfficeRequest;
use store::one_time_codes::OneTimeCode;
use store::people::Revision;
use store::proposals::{Approval, Comparison, ProposalKind, ProposalRecord, Signature};
use store::receipts::{EarlierReceipt, Receipt, RequestHash};
use store::reevaluation::ReevaluationRecord;
use store::sessions::{Session, SessionHash};
use store::staff::{Half, InvitationRecord, SessionRecord, StaffGrant, StaffRecord};
use store::statistics::{CountCursor, CountKey, CountStep, CountedPerson};
use store::{
    ChangeCursor, ChangeNumber, ColourChange, Device, PolicyText, Publication, PublicationNumber,
    Recorded, RecordedVisit, Result, RevokedIndex, StatusIndex, Store, StoredVerdict, TraceJob,
    TraceRead, TraceRecord, Transaction, Venue, VerdictOutline, Visit, Whose, accounts, alarms,
    authorities, blind_indexes, changes, counters, devices, evidence, feeds, held_memberships,
    held_visits, identities, memberships, mirror, office_requests, one_time_codes, outbox, people,
    proposals, publications, receipts, reevaluation, sessions, staff, statistics, status_indexes,
    traces, trust_lists, venues, verdicts, visits,
};

use crate::sample::{Counting, Newcomer};

/// A store.
pub struct Record(pub Arc<Store>);

impl Record {
    pub async fn open(url: &str) -> Result<Self> {
        Ok(Self(Arc::new(Store::open(url, &Counting).await?)))
    }

    pub async fn migrate(url: &str) -> Result<Self> {
        Ok(Self(Arc::new(Store::migrate(url, &Counting).await?)))
    }
}

impl Deref for Record {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

/// Declares verbs: how each runs (`transaction` or `read`), what it takes, what it returns and what
/// it does, with its arguments by reference.
macro_rules! verbs {
    ($($run:ident $verb:ident($tx:ident $(, $name:ident: $type:ty)*) -> $answer:ty = $work:expr;)*) => {
        impl Record {$(
            pub async fn $verb(&self $(, $name: $type)*) -> Result<$answer> {
                let arguments = ($($name,)*);
                self.$run(stringify!($verb), arguments, |$tx, ($($name,)*): &($($type,)*)| {
                    Box::pin($work)
                })
                .await
            }
        )*}
    };
}

pub(crate) use verbs;

verbs! {
    transaction touch(tx, people: Vec<PersonId>) -> BTreeMap<PersonId, Revision> =
        people::touch(tx, people.iter().copied());
    transaction open_account(tx, account: Account) -> () = open_account(tx, account);
    read account(tx, id: AccountId) -> Option<Account> = accounts::find(tx, *id);
    transaction change_account(tx, account: Account) -> bool = change_account(tx, account);
    read claiming(tx, document: BlindIndex) -> Vec<Account> = accounts::claiming(tx, *document);
    read accounts_changed_since(tx, since: ChangeCursor<AccountId>, limit: u32)
        -> Vec<(AccountId, ChangeNumber)> =
        accounts::changed_since(tx, *since, *limit);
    transaction bind_account(tx, person: PersonId, account: AccountId, at: Timestamp) -> () =
        accounts::bind(tx, *person, *account, *at);
    transaction unbind_account(tx, person: PersonId, account: AccountId) -> () =
        accounts::unbind(tx, *person, *account);
    read bound_to(tx, person: PersonId) -> Option<AccountId> = accounts::bound_to(tx, *person);
    transaction hold(tx, held: HeldPerson) -> () = accounts::hold(tx, held);
    transaction end_holding(tx, account: AccountId, person: PersonId, at: Timestamp) -> bool =
        accounts::end_holding(tx, *account, *person, *at);
    read held_by(tx, account: AccountId) -> Vec<HeldPerson> = accounts::held_by(tx, *account);
    read holders_of(tx, person: PersonId) -> Vec<HeldPerson> = accounts::holders_of(tx, *person);
    transaction note_event(tx, account: AccountId, event: AccountEvent) -> () =
        accounts::note(tx, *account, event);
    read account_events(tx, account: AccountId, limit: u32) -> Vec<AccountEvent> =
        accounts::events(tx, *account, *limit);
    transaction note_document_event(tx, person: PersonId, event: AccountEvent) -> () =
        accounts::note_document(tx, *person, event);
    transaction ask_office(tx, request: OfficeRequest, by: StaffId, at: Timestamp) -> () =
        office_requests::put(tx, request, *by, *at);
    read asked_by(tx, request: OfficeRequest) -> Option<(StaffId, Timestamp)> =
        office_requests::asked_by(tx, request);
    transaction drop_request(tx, asked: OfficeRequest) -> bool = office_requests::drop(tx, asked);
    transaction drop_requests(tx, at: Timestamp) -> () = office_requests::drop_old(tx, *at);
    read document_events(tx, person: PersonId, limit: u32) -> Vec<AccountEvent> =
        accounts::document_events(tx, *person, *limit);
    transaction begin_session(tx, hash: SessionHash, session: Session) -> bool =
        begin_session(tx, *hash, session);
    read session_owner(tx, hash: SessionHash) -> Option<(AccountId, SessionId)> =
        sessions::owner(tx, *hash);
    read sessions_of(tx, account: AccountId, now: Timestamp) -> Vec<Session> =
        sessions::of(tx, *account, *now);
    transaction see_session(tx, account: AccountId, id: SessionId, at: Timestamp) -> () =
        sessions::see(tx, *account, *id, *at);
    transaction end_session(tx, account: AccountId, id: SessionId, at: Timestamp) -> bool =
        sessions::end(tx, *account, *id, *at);
    transaction end_sessions(tx, account: AccountId, but: Option<SessionId>, at: Timestamp) -> u64 =
        sessions::end_all(tx, *account, *but, *at);
    transaction keep_code(tx, code: OneTimeCode) -> () = one_time_codes::add(tx, code);
    read codes_sent_since(tx, phone: BlindIndex, since: Timestamp) -> Vec<Timestamp> =
        one_time_codes::sent_since(tx, *phone, *since);
    transaction try_code(tx, challenge: ChallengeId, purpose: String, now: Timestamp)
        -> Option<(Option<AccountId>, [u8; 32])> =
        one_time_codes::attempt(tx, *challenge, purpose, 2, *now);
    transaction use_code(tx, challenge: ChallengeId, at: Timestamp) -> bool =
        one_time_codes::use_up(tx, *challenge, *at);
    transaction forget_codes(tx, before: Timestamp) -> () = one_time_codes::forget(tx, *before);
    transaction note_moved(tx, from: PersonId, to: PersonId, at: Timestamp) -> () =
        people::note_moved(tx, *from, *to, *at);
    read moved(tx, people: Vec<PersonId>) -> BTreeMap<PersonId, PersonId> =
        people::moved(tx, people);
    read tokens_before(tx, after: Option<[u8; 32]>, limit: u32) -> Vec<([u8; 32], PersonId)> =
        people::tokens_before(tx, *after, *limit);
    transaction drop_tokens_before(tx, hashes: Vec<[u8; 32]>) -> () =
        people::drop_tokens_before(tx, hashes);
    transaction add_to_counter(tx, name: String, count: i64) -> i64 = counters::add(tx, name, *count);
    read names_of_caps(tx) -> Vec<String> = counters::names_of_caps(tx);
    transaction drop_counters(tx, names: Vec<String>) -> () = counters::drop_all(tx, names);
    transaction raise_alarm(tx, alarm: AlarmRecord) -> () = alarms::raise(tx, alarm);
    read alarms(tx, limit: u32) -> Vec<AlarmRecord> = alarms::newest(tx, *limit);
    read alarm(tx, id: AlarmId) -> Option<AlarmRecord> = alarms::find(tx, *id);
    read open_alarms(tx) -> u64 = alarms::count_open(tx);
    transaction acknowledge_alarm(tx, id: AlarmId, at: Timestamp, by: StaffId) -> bool =
        alarms::acknowledge(tx, *id, *at, *by);
    transaction forget_alarms(tx, before: Timestamp) -> () = alarms::forget(tx, *before);
    read index_rows(tx, table: IndexTable, after: Option<IndexRow>, limit: u32) -> Vec<IndexRow> =
        blind_indexes::after(tx, *table, *after, *limit);
    transaction rewrite_indexes(tx, table: IndexTable, changes: Vec<(IndexRow, StoredIndex)>) -> u64 =
        blind_indexes::rewrite(tx, *table, changes);
    read index_progress(tx, table: IndexTable) -> Option<IndexRewrite> =
        blind_indexes::progress(tx, *table);
    transaction note_index_progress(tx, table: IndexTable, rewrite: IndexRewrite) -> () =
        blind_indexes::note(tx, *table, rewrite);
    transaction index_key(tx) -> u8 = blind_indexes::key(tx);
    transaction advance_index_key(tx, key: u8) -> () = blind_indexes::advance_key(tx, *key);
    read people_before(tx, documents: Vec<BlindIndex>) -> Vec<(BlindIndex, PersonId)> =
        identities::people_before(tx, documents);
    read people_after(tx, after: Option<PersonId>, limit: u32) -> Vec<PersonId> =
        people::after(tx, *after, *limit);
    read count_people(tx) -> u64 = people::count(tx);

    transaction claim_documents(tx, claims: Vec<(BlindIndex, PersonId)>) -> BTreeSet<PersonId> =
        identities::claim_documents(tx, claims);
    read person_by_document(tx, document: BlindIndex) -> Option<PersonId> =
        identities::person_by_document(tx, *document);
    read people_by_documents(tx, documents: Vec<BlindIndex>) -> Vec<(BlindIndex, PersonId)> =
        identities::people_by_documents(tx, documents);
    read people_by_phone(tx, phone: BlindIndex) -> Vec<PersonId> =
        identities::people_by_phone(tx, *phone);
    read identity(tx, person: PersonId) -> Option<SealedIdentity> = identities::find(tx, *person);

    transaction register(tx, newcomer: Newcomer) -> () = register(tx, newcomer);
    transaction append(tx, evidence: Vec<Evidence>) -> BTreeSet<EvidenceKey> =
        append(tx, evidence);
    read evidence(tx, person: PersonId, id: EvidenceId) -> Option<Evidence> =
        evidence::find(tx, *person, *id);
    read evidence_of_keys(tx, keys: Vec<EvidenceKey>) -> BTreeMap<EvidenceKey, Evidence> =
        evidence::find_many(tx, keys);
    read evidence_of(tx, person: PersonId, since: Timestamp) -> Vec<Evidence> =
        evidence::of(tx, *person, *since);
    read evidence_since(tx, people: Vec<PersonId>, since: Timestamp, include_visits: bool)
        -> BTreeMap<PersonId, Vec<Evidence>> =
        evidence::since(tx, people, *since, *include_visits);

    transaction put_verdicts(tx, verdicts: Vec<StoredVerdict>) -> () =
        verdicts::put(tx, verdicts);
    read verdict(tx, person: PersonId) -> Option<StoredVerdict> = verdicts::find(tx, *person);
    read verdicts(tx, people: Vec<PersonId>) -> BTreeMap<PersonId, StoredVerdict> =
        verdicts::of(tx, people);
    read outlines(tx, after: Option<PersonId>, last: PersonId) -> Vec<VerdictOutline> =
        verdicts::outlines(tx, *after, *last);
    read due(tx, now: Timestamp, limit: u32) -> Vec<PersonId> = verdicts::due(tx, *now, *limit);
    read due_since(tx, now: Timestamp) -> Option<Timestamp> = verdicts::due_since(tx, *now);
    read verdicts_since(tx, since: ChangeCursor<PersonId>, limit: u32) -> Vec<StoredVerdict> =
        verdicts::changed_since(tx, *since, *limit);
    transaction draw_change(tx) -> ChangeNumber = changes::draw(tx);
    read last_change(tx) -> ChangeNumber = changes::last(tx);
    transaction add_messages(tx, messages: Vec<ColourChange>) -> () = outbox::add(tx, messages);
    read outbox(tx, limit: u32) -> Vec<ColourChange> = outbox::waiting(tx, *limit);
    transaction delivered(tx, messages: Vec<(PersonId, EvidenceId)>, at: Timestamp) -> () =
        outbox::delivered(tx, messages, *at);

    transaction claim_requests(tx, receipts: Vec<Receipt>) -> BTreeSet<RequestHash> =
        receipts::claim(tx, receipts);
    transaction finish_requests(tx, answers: Vec<(RequestHash, String)>) -> () =
        receipts::finish(tx, answers);
    read receipt(tx, request: RequestHash) -> Option<EarlierReceipt> =
        receipts::find(tx, *request);
    transaction forget_receipts(tx, before: Timestamp) -> u64 = receipts::forget(tx, *before);

    transaction publish_levels(tx, levels: Vec<RegionLevel>, published: Publication) -> () =
        publications::publish_levels(tx, levels, published);
    read levels(tx) -> Vec<RegionLevel> = publications::levels(tx);
    read last_publication(tx) -> PublicationNumber = publications::last(tx);
    transaction hold_publication_for_a_while(tx) -> (PublicationNumber, PublicationNumber) =
        hold_publication_for_a_while(tx);
    transaction publish_policy(tx, policy: PolicyText, published: Publication) -> () =
        publications::publish_policy(tx, policy, published);
    read policies(tx) -> Vec<PolicyText> = publications::policies(tx);

    transaction propose(tx, id: ProposalId, kind: ProposalKind, content: String, by: Signature)
        -> () = proposals::add(tx, *id, *kind, content, by);
    transaction note_comparison(tx, id: ProposalId, comparison: Comparison) -> bool =
        proposals::note_comparison(tx, *id, comparison);
    transaction approve(tx, approval: Approval) -> bool = proposals::approve(tx, approval);
    transaction reject(tx, id: ProposalId, by: Signature, reason: String) -> bool =
        proposals::reject(tx, *id, by, reason);
    transaction settle(tx, id: ProposalId, kind: ProposalKind, by: Signature, reason: String) -> bool =
        proposals::settle(tx, *id, *kind, by, reason);
    transaction vouch(tx, id: ProposalId, kind: ProposalKind, by: Signature) -> bool =
        proposals::vouch(tx, *id, *kind, by);
    read proposals_of_authorities(
        tx, kind: ProposalKind, authorities: Vec<AuthorityId>, limit: u32
    ) -> Vec<ProposalRecord> = proposals::of_authorities(tx, *kind, authorities, *limit);
    transaction unvouch(tx, id: ProposalId, staff: StaffId, name: String) -> () =
        proposals::unvouch(tx, *id, *staff, name);
    read waiting_of_staff(tx, staff: StaffId) -> Vec<ProposalRecord> =
        proposals::waiting_of_staff(tx, *staff);
    read count_waiting(tx, authority: AuthorityId) -> u64 =
        proposals::count_waiting(tx, *authority);
    read proposals_of_kind(tx, kind: ProposalKind, limit: u32) -> Vec<ProposalRecord> =
        proposals::of_kind(tx, *kind, *limit);
    read waiting_of_kind(tx, kind: ProposalKind) -> Vec<ProposalRecord> =
        proposals::waiting_of_kind(tx, *kind);
    read proposal(tx, id: ProposalId) -> Option<ProposalRecord> = proposals::find(tx, *id);
    read proposals(tx, limit: u32) -> Vec<ProposalRecord> = proposals::newest(tx, *limit);
    read waiting_proposals(tx) -> Vec<ProposalRecord> = proposals::waiting(tx);
    transaction note_reevaluation(tx, record: ReevaluationRecord) -> () =
        reevaluation::note(tx, record);
    read reevaluation(tx) -> Option<ReevaluationRecord> = reevaluation::find(tx);

    transaction put_venue(tx, venue: Venue) -> () = venues::put(tx, venue);
    read venues(tx, ids: Vec<VenueId>) -> Vec<Venue> = venues::find_many(tx, ids);
    read venue(tx, id: VenueId) -> Option<Venue> = venues::find(tx, *id);
    transaction put_visits(tx, visits: Vec<Visit>, recorded: Recorded) -> Vec<Visit> =
        put_visits(tx, visits, *recorded);
    read visits_of(tx, person: PersonId, from: Timestamp, until: Timestamp) -> Vec<Visit> =
        visits::of(tx, *person, *from, *until);
    read visits_of_many(tx, spans: Vec<(PersonId, Timestamp, Timestamp)>) -> Vec<Visit> =
        visits::of_many(tx, spans);
    read visits_of_keys(tx, keys: Vec<EvidenceKey>) -> Vec<Visit> = visits::find_many(tx, keys);
    read visits_at(tx, spans: Vec<(VenueId, Timestamp, Timestamp)>) -> Vec<Visit> =
        visits::at(tx, spans);
    read visits_after(tx, after: Option<Visit>, limit: u32) -> Vec<Visit> =
        visits::after(tx, after.as_ref(), *limit);
    transaction put_memberships(tx, all: Vec<Membership>, by: AuthorityId, at: Timestamp) -> u32 =
        memberships::put(tx, all, *by, *at);
    read memberships_of(tx, person: PersonId, from: Timestamp, until: Timestamp)
        -> Vec<Membership> = memberships::of(tx, *person, *from, *until);
    read memberships_of_many(tx, spans: Vec<(PersonId, Timestamp, Timestamp)>)
        -> Vec<ListedMembership> = memberships::of_many(tx, spans);
    read members_of_many(tx, spans: Vec<(GroupId, Timestamp, Timestamp)>)
        -> Vec<ListedMembership> = memberships::members_of_many(tx, spans);
    transaction settle_memberships(
        tx, all: Vec<(PersonId, GroupId, Timestamp)>, counts: Counts
    ) -> () = memberships::settle(tx, all, *counts);
    transaction hold_memberships(tx, case: PersonId, held: Vec<HeldMembership>) -> () =
        held_memberships::put(tx, *case, held);
    read held_memberships(tx, case: PersonId) -> Vec<HeldMembership> =
        held_memberships::of(tx, *case);
    transaction drop_held_memberships(tx, case: PersonId, held: Vec<HeldMembership>) -> u64 =
        held_memberships::drop(tx, *case, held);
    read cases_with_memberships(tx, after: Option<PersonId>, limit: u32)
        -> Vec<(PersonId, u64)> = held_memberships::cases(tx, &Whose::Everybodys, *after, *limit);
    transaction hold_visits(tx, held: Vec<HeldVisit>) -> () = held_visits::put(tx, held);
    read held_visits(tx, person: PersonId) -> Vec<HeldVisit> = held_visits::of(tx, *person);
    transaction drop_held_visits(tx, held: Vec<HeldVisit>) -> u64 = held_visits::drop(tx, held);
    read cases_with_visits(tx, after: Option<PersonId>, limit: u32) -> Vec<(PersonId, u64)> =
        held_visits::cases(tx, &Whose::Everybodys, *after, *limit);
    read members(tx, group: GroupId, from: Timestamp, until: Timestamp) -> Vec<Membership> =
        memberships::members(tx, *group, *from, *until);

    transaction open_traces(tx, jobs: Vec<TraceJob>) -> () = traces::open(tx, jobs);
    read waiting_traces(tx, limit: u32) -> Vec<TraceJob> = traces::waiting(tx, *limit);
    read trace(tx, person: PersonId, diagnosis: EvidenceId) -> Option<TraceRecord> =
        traces::find(tx, *person, *diagnosis);
    transaction finish_trace(tx, job: TraceJob, contacts: u32, at: Timestamp) -> bool =
        traces::finish(tx, job, *contacts, *at);
    transaction record_reads(tx, job: TraceJob, reads: Vec<TraceRead>) -> () =
        traces::record_reads(tx, job, reads);
    transaction note_contacts(tx, job: TraceJob, contacts: Vec<(PersonId, EvidenceId)>) -> () =
        traces::note_contacts(tx, job, contacts);
    read noted_contacts(tx, person: PersonId, diagnosis: EvidenceId)
        -> Vec<(PersonId, EvidenceId)> = traces::noted_contacts(tx, *person, *diagnosis);
    transaction reopen_trace(tx, person: PersonId, diagnosis: EvidenceId) -> () =
        traces::reopen_one(tx, *person, *diagnosis);
    transaction reopen_traces(tx, limit: u32) -> u32 = traces::reopen(tx, *limit);

    transaction enrol(tx, device: Device) -> bool = devices::enrol(tx, device);
    read device(tx, person: PersonId, id: DeviceId) -> Option<Device> =
        devices::find(tx, *person, *id);
    transaction claim_index(tx, index: StatusIndex) -> bool = status_indexes::claim(tx, index);
    read live_index(tx, person: PersonId, device: Option<DeviceId>) -> Option<StatusIndex> =
        status_indexes::live(tx, *person, *device);
    transaction note_trust_list(tx, sequence: i64) -> () = trust_lists::note(tx, *sequence);
    read newest_trust_list(tx) -> i64 = trust_lists::newest(tx);
    transaction forget_devices(tx, before: Timestamp) -> u64 = devices::forget(tx, *before);
    transaction forget_indexes(tx, before: Timestamp, limit: u32) -> u32 =
        status_indexes::forget(tx, *before, *limit);
    read newest_list(tx) -> u32 = status_indexes::newest_list(tx);
    transaction revoke(tx, people: Vec<PersonId>, now: Timestamp) -> Vec<RevokedIndex> =
        revoke(tx, people, *now);
    read revoked_indexes(tx, now: Timestamp) -> Vec<RevokedIndex> =
        status_indexes::revoked(tx, *now);
    read revoked_since(tx, since: ChangeCursor<(u32, u32)>, limit: u32) -> Vec<RevokedIndex> =
        status_indexes::revoked_since(tx, *since, *limit);

    transaction put_authority(tx, authority: Authority) -> () = authorities::put(tx, authority);
    transaction fill_regions(tx, region: Region) -> () = authorities::fill_regions(tx, *region);
    transaction take_tokens(tx) -> Vec<([u8; 32], AuthorityId)> = authorities::take_tokens(tx);
    read authorities(tx) -> Vec<Authority> = authorities::all(tx);

    transaction add_staff(tx, grant: StaffGrant, now: Timestamp) -> () = staff::add(tx, grant, *now);
    read all_staff(tx) -> Vec<StaffRecord> = staff::all(tx);
    transaction end_staff(tx, id: StaffId, now: Timestamp) -> bool = staff::end(tx, *id, *now);
    transaction put_passkey(tx, id: StaffId, key: Vec<u8>, text: String, now: Timestamp) -> () =
        staff::put_passkey(tx, *id, key, text, *now);
    read passkeys(tx, id: StaffId) -> Vec<String> = staff::passkeys(tx, *id);
    transaction add_staff_session(
        tx, hash: [u8; 32], id: StaffId, now: Timestamp, until: Timestamp
    ) -> () = staff::add_session(tx, *hash, *id, *now, *until);
    read staff_session(tx, hash: [u8; 32]) -> Option<(SessionRecord, StaffRecord)> =
        staff::session(tx, *hash);
    transaction note_staff_seen(tx, hash: [u8; 32], now: Timestamp) -> () =
        staff::note_seen(tx, *hash, *now);
    transaction note_step_up(tx, hash: [u8; 32], now: Timestamp) -> bool =
        staff::note_step_up(tx, *hash, *now);
    transaction end_staff_session(tx, hash: [u8; 32], now: Timestamp) -> () =
        staff::end_session(tx, *hash, *now);
    transaction drop_old_sessions(tx, before: Timestamp) -> () = staff::drop_old(tx, *before);
    transaction invite(
        tx, hash: [u8; 32], proposal: Option<ProposalId>, grant: StaffGrant, until: Timestamp
    ) -> () = staff::invite(tx, *hash, *proposal, grant, *until);
    transaction complete_invitation(
        tx, proposal: ProposalId, half: [u8; 32], by: Option<StaffId>, until: Timestamp
    ) -> bool = staff::complete_invitation(tx, *proposal, *half, *by, *until);
    transaction renew_half(
        tx, proposal: ProposalId, whose: Half, hash: [u8; 32], now: Timestamp
    ) -> bool = staff::renew_half(tx, *proposal, *whose, *hash, *now);
    transaction void(tx, id: StaffId, at: Timestamp) -> () = staff::void_invitations(tx, *id, *at);
    transaction end_first_invitations(tx, now: Timestamp) -> () =
        staff::end_first_invitations(tx, *now);
    transaction claim_identity(
        tx, identity: [u8; 32], staff: StaffId, provider: String, now: Timestamp
    ) -> StaffId = staff::claim_identity(tx, *identity, *staff, provider, *now);
    read staff_identities(tx, staff: StaffId) -> Vec<(String, Timestamp)> =
        staff::identities(tx, *staff);
    transaction drop_identities(tx, staff: StaffId, provider: String, now: Timestamp) -> () =
        staff::drop_identities(tx, *staff, provider, *now);
    read staff_by_identity(tx, identity: [u8; 32]) -> Option<StaffId> =
        staff::by_identity(tx, *identity);
    read invitation(tx, hash: [u8; 32]) -> Option<InvitationRecord> = staff::invitation(tx, *hash);
    transaction use_invitation(tx, hash: [u8; 32], now: Timestamp) -> bool =
        staff::use_invitation(tx, *hash, *now);
    transaction add_challenge(tx, hash: [u8; 32], state: String, until: Timestamp) -> () =
        staff::add_challenge(tx, *hash, state, *until);
    transaction take_challenge(tx, hash: [u8; 32], now: Timestamp) -> Option<String> =
        staff::take_challenge(tx, *hash, *now);

    transaction add_feed(tx, feed: FeedRecord) -> () = feeds::add(tx, feed);
    read feeds(tx) -> Vec<FeedRecord> = feeds::all(tx);
    read feed_by_credential(tx, hash: [u8; 32]) -> Option<(FeedRecord, FeedCredential)> =
        feeds::by_credential(tx, *hash);
    transaction note_signature(
        tx, feed: FeedId, signed: [u8; 32], until: Timestamp
    ) -> bool = feeds::note_signature(tx, *feed, *signed, *until);
    transaction drop_old_signatures(tx, now: Timestamp) -> () =
        feeds::drop_old_signatures(tx, *now);
    transaction end_feed(tx, id: FeedId, now: Timestamp) -> bool = feeds::end(tx, *id, *now);
    transaction add_feed_credential(
        tx, feed: FeedId, credential: FeedCredential, earlier_end: Timestamp
    ) -> () = feeds::add_credential(tx, *feed, credential, *earlier_end);

    transaction claim_mirror(tx, fresh: [u8; 16]) -> [u8; 16] = mirror::claim(tx, *fresh);
    read people_with_evidence(tx, after: Option<PersonId>, limit: u32) -> Vec<PersonEvidence> =
        mirror::people_with_evidence(tx, *after, *limit);
    read noted(tx, after: Option<PersonId>, limit: u32) -> Vec<Noted> =
        mirror::noted(tx, *after, *limit);
    transaction forget_noted(tx, people: Vec<Noted>) -> () = mirror::forget(tx, people);
    transaction add_generation(tx, generation: Generation) -> bool =
        mirror::add_generation(tx, generation);
    read generations(tx) -> Vec<Generation> = mirror::generations(tx);
    transaction drop_generations(tx, up_to: u64) -> () = mirror::drop_generations(tx, *up_to);

    transaction begin_counting(tx, day: Date) -> () = statistics::begin(tx, *day);
    read counting(tx) -> Option<CountCursor> = statistics::find(tx);
    read counted_people(tx, people: Vec<PersonId>) -> Vec<CountedPerson> =
        statistics::counted_people(tx, people);
    transaction advance(tx, step: CountStep) -> bool = statistics::advance(tx, step);
    transaction close_day(tx, from: CountCursor) -> bool = statistics::close_day(tx, from);
    transaction add_checks(tx, checks: Vec<(Date, String, u64)>) -> () =
        statistics::add_checks(tx, checks);
    read day_counts(tx, day: Date) -> Vec<(CountKey, u64)> = statistics::day_counts(tx, *day);
}

/// Takes evidence in, as a decision does it.
pub async fn append(tx: &mut Transaction, evidence: &[Evidence]) -> Result<BTreeSet<EvidenceKey>> {
    let revisions = people::touch(tx, evidence.iter().map(|piece| piece.person)).await?;
    let evidence: Vec<&Evidence> = evidence.iter().collect();
    let added = evidence::add(tx, &evidence).await?;
    let with_more: BTreeSet<PersonId> = added.iter().map(|(person, _)| *person).collect();
    let noted: Vec<_> = with_more
        .into_iter()
        .map(|person| (person, revisions[&person]))
        .collect();
    mirror::note(tx, &noted).await?;
    Ok(added)
}

async fn register(tx: &mut Transaction, newcomer: &Newcomer) -> Result<()> {
    let person = newcomer.person;
    append(tx, std::slice::from_ref(&newcomer.said)).await?;
    identities::claim_documents(tx, &[(newcomer.document, person)]).await?;
    let identity = NewIdentity {
        person,
        sealed: newcomer.sealed.clone(),
        phones: newcomer.phones.clone(),
    };
    identities::put(tx, &[identity]).await
}

/// The last publication at the beginning and at the end of a transaction that takes a while. It blocks
/// its thread, because work on SQLite waits for nothing.
async fn hold_publication_for_a_while(
    tx: &mut Transaction,
) -> Result<(PublicationNumber, PublicationNumber)> {
    let at_first = publications::hold(tx).await?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    Ok((at_first, publications::last(tx).await?))
}

async fn open_account(tx: &mut Transaction, account: &Account) -> Result<()> {
    accounts::add(tx, &[account]).await
}

async fn change_account(tx: &mut Transaction, account: &Account) -> Result<bool> {
    if accounts::lock(tx, account.id).await?.is_none() {
        return Ok(false);
    }
    accounts::change(tx, account).await?;
    Ok(true)
}

async fn begin_session(tx: &mut Transaction, hash: SessionHash, session: &Session) -> Result<bool> {
    let claims = [(hash, session.account, session.id)];
    if sessions::claim(tx, &claims).await?.is_empty() {
        return Ok(false);
    }
    sessions::add(tx, &[session]).await?;
    Ok(true)
}

async fn put_visits(
    tx: &mut Transaction,
    visits: &[Visit],
    recorded: Recorded,
) -> Result<Vec<Visit>> {
    let visits: Vec<_> = visits.iter().cloned().map(RecordedVisit::own).collect();
    visits::put(tx, &visits, recorded).await
}

async fn revoke(
    tx: &mut Transaction,
    people: &[PersonId],
    now: Timestamp,
) -> Result<Vec<RevokedIndex>> {
    people::touch(tx, people.iter().copied()).await?;
    let change = changes::draw(tx).await?;
    status_indexes::revoke(tx, people, now, change).await
}
