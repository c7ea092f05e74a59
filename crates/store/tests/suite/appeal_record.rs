//! The verbs of appeals.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Appeal, AppealId, EvidenceId, PersonId, PolicyRef, StaffId, Timestamp};
use store::appeals::{
    AppealAnswer, AppealRecord, AppealedRule, QueuePlace, RuleAppeals, SealedWith,
};
use store::evidence::EvidenceKey;
use store::{Result, Whose, appeals, evidence};

use crate::record::{Record, verbs};

verbs! {
    transaction add_appeal(
        tx,
        appeal: AppealRecord,
        rules: Vec<AppealedRule>,
        file: Option<Vec<u8>>
    ) -> bool = appeals::add(tx, appeal, rules, file.as_deref());
    read appeal(tx, person: PersonId, id: AppealId) -> Option<AppealRecord> =
        appeals::find(tx, *person, *id);
    read appeals_of(tx, person: PersonId) -> Vec<AppealRecord> = appeals::of(tx, *person);
    read appeal_rules(tx, person: PersonId, id: AppealId) -> Vec<AppealedRule> =
        appeals::rules_of(tx, *person, *id);
    read appeal_file(tx, person: PersonId, id: AppealId) -> Option<Vec<u8>> =
        appeals::file(tx, *person, *id);
    read open_appeals(tx, people: Vec<PersonId>) -> BTreeMap<PersonId, Vec<Appeal>> =
        appeals::open_of(tx, people);
    read waiting_appeals(tx, after: Option<QueuePlace>, limit: u32) -> Vec<AppealRecord> =
        appeals::waiting(tx, &Whose::Everybodys, Timestamp::MAX, *after, *limit);
    read appealing_people(tx, after: Option<PersonId>, limit: u32) -> Vec<PersonId> =
        appeals::appealing(tx, *after, *limit);
    transaction answer_appeal(
        tx,
        person: PersonId,
        id: AppealId,
        answer: AppealAnswer,
        right: Vec<String>
    ) -> bool = appeals::answer(tx, *person, *id, answer, right);
    transaction remind_of_appeals(tx, due_by: Timestamp, now: Timestamp) -> u64 =
        appeals::remind(tx, *due_by, *now, 10);
    transaction escalate_appeals(tx, now: Timestamp) -> u64 = appeals::escalate(tx, *now, 10);
    read appeals_due(tx, due_by: Timestamp) -> u64 = appeals::count_due(tx, *due_by);
    read appeals_by_rule(tx, policy: PolicyRef) -> Vec<RuleAppeals> = appeals::by_rule(tx, policy);
    read appeals_sealed_before(
        tx,
        seal: SealedWith,
        after: Option<(PersonId, AppealId)>
    ) -> Vec<AppealRecord> = appeals::sealed_before(tx, *seal, *after, 10);
    read appeals_sealed_in_months_before(tx, month: u16) -> u64 =
        appeals::sealed_in_months_before(tx, *month);
    read old_appeals(tx, people: Vec<PersonId>, before: Timestamp) -> Vec<(PersonId, AppealId)> =
        appeals::old(tx, people, *before);
    transaction forget_appeals(tx, which: Vec<(PersonId, AppealId)>) -> u64 =
        appeals::forget(tx, which);
    transaction add_appeal_as_it_stands(
        tx,
        appeal: AppealRecord,
        rules: Vec<AppealedRule>,
        file: Option<Vec<u8>>
    ) -> bool = appeals::add_as_it_stands(tx, appeal, rules, file.as_deref());
    read evidence_staff_about(tx, person: PersonId) -> Vec<(EvidenceId, StaffId)> =
        evidence::staff_about(tx, *person);
    read appeals_sealed_with(tx, seal: u8) -> u64 = appeals::sealed_with(tx, *seal);
    transaction reseal_appeal(
        tx,
        before: AppealRecord,
        fresh: AppealRecord,
        file: Option<Vec<u8>>
    ) -> () = appeals::reseal(tx, before, fresh, file.as_deref());
    transaction note_evidence_staff(tx, by: Vec<(EvidenceKey, StaffId)>) -> () =
        evidence::note_staff(tx, by);
    read evidence_staff(tx, person: PersonId, ids: Vec<EvidenceId>) -> BTreeSet<StaffId> =
        evidence::staff_of(tx, *person, ids);
}
