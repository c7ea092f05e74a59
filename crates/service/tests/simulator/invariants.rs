//! What must hold after each operation. The numbers are those of the design.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::evidence::Ring;
use domain::{
    Appeals, Colour, Evidence, EvidenceId, Fact, PersonId, Status, Timestamp, VenueId, Verdict,
    decide_appealed,
};
use service::{
    AuditLog, IssuedCode, PlaceFigures, SELF_AUTHORITY, Statistics, StatusReport, TRACER_AUTHORITY,
};
use store::verdicts;

use crate::checkpoints;
use crate::model::Model;
use crate::operations::Node;
use crate::record::{self, Kept};
use crate::requests::Request;
use crate::world::World;

/// Holds everything that can be seen from outside against what was promised.
pub async fn hold(world: &mut World) {
    let people = world.model.everybody().into_iter().collect();
    let kept = record::read(&world.record, people).await;
    for one in &kept {
        let decided = decide(world, one);
        what_is_stored_is_what_is_decided(world, one, &decided);
        nobody_is_restricted_by_what_was_taken_back(world, one, &decided);
        what_was_acknowledged_is_there_once(&world.model, one);
        note_status(&mut world.model, one.person, decided.status);
    }
    checkpoints::hold(world);
}

/// The verdict by the one function, from all that the record holds of somebody, whatever its age.
fn decide(world: &World, kept: &Kept) -> Verdict {
    let now = world.city.now();
    let policy = world.model.policy(now);
    let appeals = Appeals::under(policy, &kept.appeals);
    let levels = world.model.region_levels();
    decide_appealed(policy, &levels, &kept.evidence, appeals, now)
}

/// Invariant 1. A verdict whose time has come is decided again before it is shown, and one under an
/// earlier policy or other levels in the course of deciding everybody.
fn what_is_stored_is_what_is_decided(world: &World, kept: &Kept, decided: &Verdict) {
    let stored = kept.verdict.as_ref().expect("everybody has a verdict");
    let now = world.city.now();
    let is_due = stored.verdict.next_change.is_some_and(|at| at <= now);
    if is_due || !world.model.is_everybody_decided {
        return;
    }
    assert_eq!(
        without_policy(&stored.verdict),
        without_policy(decided),
        "invariant 1: what is stored of {} is not what its evidence says\n{:#?}",
        kept.person,
        kept.evidence
    );
}

/// A verdict that names no rule is kept when the next policy takes over.
fn without_policy(verdict: &Verdict) -> Verdict {
    Verdict {
        policy: domain::PolicyRef {
            id: String::new(),
            version: 0,
        },
        ..verdict.clone()
    }
}

fn nobody_is_restricted_by_what_was_taken_back(world: &World, kept: &Kept, decided: &Verdict) {
    let model = &world.model;
    let named = |verdict: &Verdict| -> Vec<EvidenceId> {
        let findings = verdict.restrictions.iter().map(|one| &one.finding);
        findings.flat_map(|one| one.evidence.clone()).collect()
    };
    for id in named(decided) {
        assert!(
            !model.withdrawn.contains(&id),
            "{} is restricted by {id}, which was taken back",
            kept.person
        );
    }
    if !model.is_everybody_traced {
        return;
    }
    let withdrawn = taken_back(&kept.evidence);
    for piece in &kept.evidence {
        // The second ring met somebody of the first.
        let Fact::Contact {
            with: Some(case),
            ring: Ring::FIRST,
            ..
        } = &piece.fact
        else {
            continue;
        };
        let diagnoses = model.cases.iter().filter(|(_, person)| *person == case);
        let mut stand = diagnoses.filter(|(diagnosis, _)| !model.withdrawn.contains(diagnosis));
        assert!(
            withdrawn.contains(&piece.id) || stand.next().is_some(),
            "{} is a contact of somebody whose diagnosis was taken back",
            kept.person
        );
    }
}

/// Invariant 6: what was acknowledged is in the record once, and nothing that nobody asked for.
fn what_was_acknowledged_is_there_once(model: &Model, kept: &Kept) {
    let of = kept.person;
    let ids: Vec<EvidenceId> = kept.evidence.iter().map(|piece| piece.id).collect();
    let once: BTreeSet<EvidenceId> = ids.iter().copied().collect();
    assert_eq!(
        once.len(),
        ids.len(),
        "invariant 6: twice in the record of {of}"
    );
    let said = model.said.get(&of).cloned().unwrap_or_default();
    let lost: Vec<_> = said.difference(&once).collect();
    assert!(
        lost.is_empty(),
        "invariant 6: of {of} {lost:?} were acknowledged and lost"
    );

    let (mut declared, mut orders) = (0, 0);
    let mut visits = Vec::new();
    for piece in &kept.evidence {
        match &piece.fact {
            _ if said.contains(&piece.id) => {}
            Fact::Visit { venue, period, .. } => {
                visits.push((*venue, period.begin()));
            }
            Fact::Declaration { .. } if piece.authority == SELF_AUTHORITY => declared += 1,
            Fact::Withdrawal { of: withdrawn, .. } => {
                let is_traced = piece.authority == TRACER_AUTHORITY;
                assert!(
                    is_traced || model.withdrawn.contains(withdrawn),
                    "invariant 6: of {of} {withdrawn} was taken back, and nobody asked for that"
                );
            }
            Fact::Contact { .. } if piece.authority == TRACER_AUTHORITY => {}
            Fact::Order(_) => orders += 1,
            other => panic!("invariant 6: of {of} nobody said {other:?}"),
        }
    }
    let at_once = model
        .people
        .iter()
        .filter(|one| one.id == of && one.declared_at_once);
    assert_eq!(
        declared,
        at_once.count(),
        "invariant 6: declarations of {of}"
    );
    let ordered = model.orders.get(&of).copied().unwrap_or_default();
    assert_eq!(orders, ordered, "invariant 6: orders of {of}");
    let acknowledged = model.visits.get(&of).cloned().unwrap_or_default();
    let at_doors = model.at_doors.get(&of).cloned().unwrap_or_default();
    for visit in visits.iter().chain(&acknowledged) {
        let least = times(visit, &acknowledged);
        let most = least + times(visit, &at_doors);
        assert!(
            (least..=most).contains(&times(visit, &visits)),
            "invariant 6: {of} made {least} to {most} visits {visit:?}"
        );
    }
    let open = model.appeals.iter().filter(|one| one.person == of);
    assert_eq!(
        kept.appeals.len(),
        open.count(),
        "invariant 6: open appeals of {of}"
    );
    let withdrawn = taken_back(&kept.evidence);
    for id in said.iter().filter(|id| model.withdrawn.contains(id)) {
        assert!(
            withdrawn.contains(id),
            "invariant 6: the withdrawal of {id} is lost"
        );
    }
}

fn times(visit: &(VenueId, Timestamp), visits: &[(VenueId, Timestamp)]) -> usize {
    visits.iter().filter(|one| *one == visit).count()
}

fn taken_back(evidence: &[Evidence]) -> BTreeSet<EvidenceId> {
    let withdrawn = evidence.iter().filter_map(|piece| match &piece.fact {
        Fact::Withdrawal { of, .. } => Some(*of),
        _ => None,
    });
    withdrawn.collect()
}

fn note_status(model: &mut Model, person: PersonId, status: Status) {
    let step = model.step;
    let accounts = model.people.iter_mut().filter(|one| one.id == person);
    for account in accounts {
        if account
            .status
            .is_some_and(|before| rank(before) < rank(status))
        {
            account.worse_at = step;
        }
        account.status = Some(status);
    }
}

/// How much a status restricts.
pub fn rank(status: Status) -> u8 {
    match status {
        Status::Decided(Colour::Green) => 0,
        Status::Undeclared => 1,
        Status::Decided(Colour::Yellow) => 2,
        Status::Decided(Colour::Red) => 3,
    }
}

/// The verdict now by the one function.
pub async fn decided_now(world: &World, person: PersonId) -> Verdict {
    let kept = record::read(&world.record, vec![person]).await;
    decide(world, &kept[0])
}

/// A node that knows all signs the colour that is decided.
pub async fn a_code_is_of_the_colour_decided(
    world: &World,
    node: Node,
    person: PersonId,
    code: &IssuedCode,
) {
    if !world.model.knows(node) || !world.model.is_everybody_decided {
        return;
    }
    let decided = decided_now(world, person).await.status;
    assert_eq!(
        Status::Decided(code.colour),
        decided,
        "invariant 1: the code of {person}"
    );
}

/// Who is told to declare first is undeclared.
pub async fn who_gets_no_code_is_undeclared(world: &World, node: Node, person: PersonId) {
    if world.model.knows(node) {
        let decided = decided_now(world, person).await.status;
        assert_eq!(decided, Status::Undeclared, "{person} gets no code");
    }
}

/// Invariants 1 and 4: a person's page shows what is decided, and of each restriction why, by whom and
/// until when.
pub async fn a_page_says_why_and_until_when(world: &World, node: Node, report: &StatusReport) {
    let now = world.city.now();
    let shown = &report.explanation.verdict;
    if world.model.knows(node) {
        let decided = decided_now(world, report.person).await;
        assert_eq!(
            shown, &decided,
            "invariant 1: the page of {}",
            report.person
        );
    }
    let kept = record::read(&world.record, vec![report.person]).await;
    let known: BTreeSet<_> = kept[0].evidence.iter().map(|piece| piece.id).collect();
    assert_eq!(
        report.explanation.restrictions.len(),
        shown.restrictions.len()
    );
    for reason in &report.explanation.restrictions {
        let finding = &reason.finding;
        assert!(
            finding.since <= now && now < finding.until,
            "invariant 4: {finding:?}"
        );
        assert!(!finding.evidence.is_empty(), "invariant 4: {finding:?}");
        let is_there = |id: &EvidenceId| known.contains(id);
        assert!(
            finding.evidence.iter().all(is_there),
            "invariant 4: {finding:?}"
        );
        let texts = [
            &reason.texts.title,
            &reason.texts.reason,
            &reason.texts.guidance,
        ];
        assert!(
            texts.iter().all(|text| !text.is_empty()),
            "invariant 4: {texts:?}"
        );
        let office = report.authority_name(finding.authority);
        assert!(office.is_some(), "invariant 4: whose is {finding:?}");
    }
    assert!(
        !report.explanation.contest.is_empty(),
        "invariant 4: how to contest"
    );
}

/// After a sweep nobody's verdict waits to be decided again.
pub async fn nobodys_verdict_is_due(world: &World, node: Node) {
    if !world.model.knows(node) {
        return;
    }
    let now = world.city.now();
    let due = world.record.read("simulator.due", now, |tx, now| {
        Box::pin(verdicts::due(tx, *now, 100))
    });
    let due: Vec<PersonId> = due.await.unwrap();
    assert_eq!(due, [], "a sweep left somebody");
}

/// Invariant 11: the log has no flaw, and goes on from what was seen of it.
pub async fn the_log_is_whole_and_grows(world: &mut World) {
    let key = world.city.service.audit.verifier();
    let seen = world.log_seen.as_ref();
    let checked = AuditLog::verify(&world.record, key, seen, Arc::new(|_| {})).await;
    let checked = checked.unwrap();
    assert_eq!(checked.findings, [], "invariant 11");
    let signed = checked.checkpoint.expect("it was signed just now");
    let before = world.log_seen.as_ref().map_or(0, |seen| seen.size);
    assert!(signed.size >= before, "invariant 11: it shrank");
    world.log_seen = Some(signed);
}

/// Invariant 12 of a reading at a door, and the promise of an appeal.
pub fn a_colour_got_no_worse(request: &Request, before: &Verdict, after: &Verdict) {
    let is_same = before.status == after.status;
    let is_better = rank(after.status) < rank(before.status);
    assert!(
        is_same || (is_better && matches!(request, Request::Appeal { .. })),
        "{request:?} turned {} into {}",
        before.status,
        after.status
    );
}

/// Invariant 13.
pub fn no_small_figure_is_public(statistics: &Statistics) {
    let of_place = |place: &PlaceFigures| {
        [
            place.people,
            place.undeclared,
            place.green,
            place.yellow,
            place.red,
            place.registered,
        ]
    };
    let places = statistics.places.iter().flat_map(of_place);
    let rules = statistics.rules.iter().map(|rule| rule.people);
    let checks = statistics.checks.iter().map(|outcome| outcome.count);
    for figure in places.chain(rules).chain(checks).flatten() {
        assert!(
            !(1..10).contains(&figure),
            "invariant 13: {figure} is public"
        );
    }
}
