//! Whatever the table of actions allows leaves an entry in the log, or shows nothing about anybody.

use std::sync::Arc;

use domain::evidence::GroupKind;
use domain::{AuthorityKind, EvidenceId, FactKind, Level, ProposalId, RegionLevel, Role};
use service::{
    Action, CasesWaiting, Did, DisclosureRequest, FeedWish, GlitchOutcome, GlitchReport, NewFeed,
    NewMember, NewMembership, OrderRequest, Purpose, RecordRequest, Staff, Stated, TABLE,
};

use crate::audit::{auditor, entries};
use crate::audit_appeals::{answering, settling};
use crate::audit_counter::at_the_counter;
use crate::city::{City, Persona, hours};
use crate::offices::made;

crate::stories! {
    invariant_11_whatever_the_table_allows_leaves_an_entry
    a_record_is_masked_until_the_passkey_was_shown_and_its_person_reads_who_opened_it
    whoever_opens_far_more_records_than_is_normal_is_pointed_out
}

/// What the acts are done to.
struct Stage {
    case: Persona,
    diagnosis: EvidenceId,
    other: Persona,
}

const REASON: &str = "examined";

fn one(role: Role) -> domain::Roles {
    [role].into_iter().collect()
}

impl Stage {
    async fn set(city: &City) -> Self {
        let case = city.resident("Ming").await;
        let diagnosis = city.confirm(&case).await;
        city.service.tracing.run_traces().await.unwrap();
        Self {
            diagnosis,
            case,
            other: city.resident("Lan").await,
        }
    }

    fn order(&self, city: &City) -> OrderRequest {
        OrderRequest {
            request: None,
            people: vec![self.other.subject()],
            colour: domain::Colour::Red,
            from: city.now(),
            until: city.now() + hours(24),
            basis: "Epidemic Act, article 39".to_owned(),
        }
    }

    async fn ordered(&self, city: &City, officer: &Staff) -> ProposalId {
        let orders = &city.service.orders;
        orders.propose(officer, self.order(city)).await.unwrap().id
    }

    async fn disclosure(&self, city: &City, officer: &Staff) -> ProposalId {
        let asked = DisclosureRequest {
            people: vec![self.other.subject()],
            basis: "Criminal Procedure Law, article 54".to_owned(),
            recipient: "City Police".to_owned(),
            kinds: vec![FactKind::Contact],
            from: city.ago(48),
            until: city.now(),
            with_identity: false,
            delay: hours(0),
            ends: city.now() + hours(24),
        };
        let proposed = city.service.disclosures.propose(officer, asked).await;
        proposed.unwrap().id
    }

    fn opening(&self, unmasked: bool) -> RecordRequest {
        RecordRequest {
            subject: self.other.subject(),
            why: Stated::new(Purpose::CaseInvestigation, "case 12").unwrap(),
            unmasked,
        }
    }
}

/// Does what an action is for; what must be in the log of it, or nothing if it shows nothing about
/// anybody: figures, what is published anyway, or who works where.
async fn act(city: &City, stage: &Stage, action: Action) -> &'static [Did] {
    let service = Arc::clone(&city.service);
    let officer = city.fresh(city.health.id()).await;
    let (administrator, approver) = (city.administrator().await, city.approver().await);
    let office = city.health.authority().clone();
    let levels = |region: &str| {
        [RegionLevel {
            region: region.parse().unwrap(),
            level: Level::High,
            from: city.ago(1),
            until: None,
        }]
    };
    match action {
        Action::ConfirmCase => {
            city.confirm(&stage.other).await;
            &[Did::EvidenceSubmitted]
        }
        Action::ReadTrace => {
            let (who, what) = (stage.case.id(), stage.diagnosis);
            service.tracing.trace(&officer, who, what).await.unwrap();
            &[Did::TraceRead]
        }
        Action::TakeInVisits => {
            let who = stage.case.id();
            service.tracing.waiting(&officer, who).await.unwrap();
            let all = CasesWaiting::default();
            service.tracing.waiting_cases(&officer, &all).await.unwrap();
            &[Did::WaitingVisitsRead]
        }
        Action::SubmitEvidence => {
            let contact = city.contact(3);
            city.submit(officer.submitter(), &stage.other, contact)
                .await;
            &[Did::EvidenceSubmitted]
        }
        Action::WithdrawEvidence => {
            let contact = city.contact(4);
            let by = officer.submitter();
            let wrong = city.submit(by, &stage.other, contact).await;
            let subject = stage.other.subject();
            service
                .evidence
                .withdraw(by, &subject, wrong)
                .await
                .unwrap();
            &[Did::EvidenceWithdrawn]
        }
        Action::SubmitMemberships => {
            let kind = AuthorityKind::Community;
            let by = city.feed(kind, "North Community Office").await;
            let membership = NewMembership {
                subject: stage.other.subject(),
                group: "flat 3".to_owned(),
                kind: GroupKind::Household,
                from: city.ago(100),
                until: None,
            };
            let put = service.tracing.put_memberships(&by, vec![membership]);
            put.await.unwrap();
            &[Did::MembershipsSubmitted]
        }
        Action::KeepAccounts => at_the_counter(city, &stage.other).await,
        Action::KeepVenues => {
            let venue = city.venue("Lake Market", None).await;
            let screen = service.visits.open_screen(&officer, venue, false);
            screen.await.unwrap();
            &[Did::VenueKept, Did::ScreenOpened]
        }
        Action::KeepScanners => crate::scanners::keeping(city).await,
        Action::ProposeOrders => {
            stage.ordered(city, &officer).await;
            &[Did::Proposed]
        }
        Action::ApproveOrders => {
            let id = stage.ordered(city, &officer).await;
            service.orders.approve(&approver, id, REASON).await.unwrap();
            &[Did::Approved]
        }
        Action::RejectOrders => {
            let id = stage.ordered(city, &officer).await;
            service.orders.reject(&approver, id, REASON).await.unwrap();
            &[Did::Rejected]
        }
        Action::ReadOrders => {
            service.orders.list(&officer).await.unwrap();
            &[Did::OrderRead]
        }
        Action::ProposePolicy => {
            let levels = levels("42");
            let proposed = service.publishing.propose_levels(&officer, &levels);
            proposed.await.unwrap();
            &[Did::Proposed]
        }
        Action::ApprovePolicy => {
            let publishing = &service.publishing;
            let proposed = publishing.propose_levels(&officer, &levels("43")).await;
            let id = proposed.unwrap().id;
            publishing.compare_proposals().await.unwrap();
            let compared = publishing.proposal(id).await.unwrap();
            let approver = compared.approver(&approver, city.now()).unwrap();
            publishing.approve(approver, REASON).await.unwrap();
            &[Did::Approved]
        }
        Action::RejectPolicy => {
            let publishing = &service.publishing;
            let proposed = publishing.propose_levels(&officer, &levels("44")).await;
            let id = proposed.unwrap().id;
            publishing.reject(&officer, id, REASON).await.unwrap();
            &[Did::Rejected]
        }
        Action::ReadProposals | Action::ReadStatistics | Action::ReadStaff => &[],
        Action::ReadAlarms | Action::ReadSunset => &[],
        Action::ProposeStaff | Action::ApproveStaff => {
            let member = NewMember {
                authority: office.id,
                name: format!("Dr {action:?}"),
                roles: one(Role::Tracer),
                regions: "3301".parse().unwrap(),
            };
            let proposed = service.staff.propose_member(&administrator, member).await;
            let (proposed, _) = proposed.unwrap();
            if action == Action::ProposeStaff {
                return &[Did::Proposed];
            }
            let approved = service.staff.approve_member(&approver, proposed.id, REASON);
            approved.await.unwrap();
            service
                .staff
                .renew_half(&approver, proposed.id)
                .await
                .unwrap();
            &[Did::Approved, Did::StaffInvited, Did::InvitationRenewed]
        }
        Action::EndStaff => {
            let leaving = city.hire(&office, "Dr Tang", &[Role::Tracer]).await;
            let ended = service.staff.end_member(&administrator, leaving.id());
            ended.await.unwrap();
            &[Did::StaffEnded]
        }
        Action::KeepOwnAccount => {
            let leaving = city.hire(&office, "Dr Tong", &[Role::Tracer]).await;
            service.staff.end_own_account(&leaving).await.unwrap();
            &[Did::StaffEnded]
        }
        Action::KeepFeeds => {
            let feed = NewFeed {
                authority: office.id,
                name: "analyser".to_owned(),
                kinds: Vec::new(),
                regions: "3301".parse().unwrap(),
                rate_per_minute: 60,
                lasts: hours(24),
                public_key: None,
            };
            let staff = &service.staff;
            let (id, _) = made(staff.make_feed(&administrator, feed.clone()).await);
            staff.renew_feed(&administrator, id).await.unwrap();
            // Of another office two persons answer for it.
            let laboratory = city.office(AuthorityKind::Laboratory, "Laboratory 1").await;
            let feed = NewFeed {
                authority: laboratory.id,
                ..feed
            };
            let wish = staff.make_feed(&administrator, feed).await;
            let Ok(FeedWish::Waits(proposal)) = wish else {
                panic!("{wish:?}")
            };
            let before = entries(city, &auditor(city).await)
                .await
                .last()
                .map(|last| last.index);
            staff
                .approve_feed(&approver, proposal, REASON)
                .await
                .unwrap();
            let all = entries(city, &auditor(city).await).await;
            let new = all.iter().filter(|one| Some(one.index) > before);
            let mut new = new.filter_map(|one| one.entry.as_ref());
            assert!(new.any(|entry| entry.did == Did::FeedMade));
            staff.end_feed(&administrator, id).await.unwrap();
            &[Did::FeedMade, Did::FeedRenewed, Did::FeedEnded]
        }
        Action::AcknowledgeAlarms => {
            let alarms = &service.alarms;
            alarms.raise(service::AlarmKind::SignInsFail, "", 10).await;
            let id = alarms.list(&administrator).await.unwrap()[0].id;
            alarms.acknowledge(&administrator, id).await.unwrap();
            &[Did::AlarmAcknowledged]
        }
        Action::ReadLog => {
            let auditor = auditor(city).await;
            service.audit.entries(&auditor, None).await.unwrap();
            &[Did::LogRead]
        }
        Action::ProposeDisclosure => {
            stage.disclosure(city, &officer).await;
            &[Did::Proposed]
        }
        Action::ApproveDisclosure | Action::MakeExtract => {
            let id = stage.disclosure(city, &officer).await;
            let disclosures = &service.disclosures;
            disclosures.approve(&approver, id, REASON).await.unwrap();
            if action == Action::ApproveDisclosure {
                return &[Did::Approved];
            }
            disclosures.extract(&officer, id).await.unwrap();
            &[Did::Disclosed]
        }
        Action::ReadDisclosures => {
            service.disclosures.list(&officer).await.unwrap();
            &[Did::DisclosuresRead]
        }
        Action::ProposeSunset | Action::ApproveSunset => {
            let sunset = &service.sunset;
            let proposed = sunset.propose(&administrator, "notice 113").await.unwrap();
            if action == Action::ProposeSunset {
                return &[Did::Proposed];
            }
            sunset
                .approve(&approver, proposed.id, REASON)
                .await
                .unwrap();
            &[Did::Approved]
        }
        Action::AnswerAppeals => answering(city, &stage.other).await,
        Action::SettleContradictions => settling(city).await,
        Action::AnswerGlitches => {
            let report = GlitchReport {
                request: None,
                wanted: "to see my code".to_owned(),
                happened: "an empty page".to_owned(),
                page: "/me".to_owned(),
            };
            let glitches = &service.glitches;
            glitches.report(&report).await.unwrap();
            let (waiting, _) = glitches.list(&officer, None).await.unwrap();
            let id = waiting[0].id;
            glitches.read(&officer, id).await.unwrap();
            let outcome = GlitchOutcome::Mended;
            glitches
                .answer(&officer, id, outcome, REASON)
                .await
                .unwrap();
            glitches.erase(&officer, id).await.unwrap();
            &[Did::GlitchRead, Did::GlitchAnswered, Did::GlitchErased]
        }
        Action::OpenRecord => {
            let opening = stage.opening(false);
            service.records.open(&officer, &opening).await.unwrap();
            &[Did::PersonOpened]
        }
        Action::UnmaskRecord => {
            let opening = stage.opening(true);
            service.records.open(&officer, &opening).await.unwrap();
            &[Did::PersonUnmasked]
        }
    }
}

async fn invariant_11_whatever_the_table_allows_leaves_an_entry(city: City) {
    let stage = Stage::set(&city).await;
    let auditor = auditor(&city).await;
    for line in &TABLE {
        let before = entries(&city, &auditor).await.last().map(|last| last.index);
        let expected = act(&city, &stage, line.action).await;
        let after = entries(&city, &auditor).await;
        let new = after.iter().filter(|one| Some(one.index) > before);
        let done: Vec<Did> = new
            .filter_map(|one| one.entry.as_ref())
            .map(|entry| entry.did)
            .collect();
        // What waits of one act is not to keep another one out.
        let waiting = "DELETE FROM proposal WHERE outcome IS NULL AND kind <> 'onboarding'";
        city.base.tamper(waiting).await;
        for did in expected {
            assert!(
                done.contains(did),
                "{:?}: no {did} in {done:?}",
                line.action
            );
        }
    }
    let checked = crate::ends::verify(&city).await;
    assert_eq!(checked.findings, []);
}

async fn a_record_is_masked_until_the_passkey_was_shown_and_its_person_reads_who_opened_it(
    city: City,
) {
    let stage = Stage::set(&city).await;
    let contact = city.contact(3);
    let by = city.health.submitter();
    city.submit(by, &stage.other, contact).await;
    let contact = city.contact(4);
    let wrong = city.submit(by, &stage.other, contact).await;
    let subject = stage.other.subject();
    let evidence = &city.service.evidence;
    evidence.withdraw(by, &subject, wrong).await.unwrap();
    let records = &city.service.records;
    let officer = city.fresh(city.health.id()).await;
    // Any time: masked, and without what was taken back.
    city.pass(hours(1));
    let opened = records.open(&officer, &stage.opening(false)).await.unwrap();
    let kinds: Vec<FactKind> = opened.evidence.iter().map(|one| one.fact.kind()).collect();
    assert_eq!(kinds, [FactKind::Contact, FactKind::Declaration]);
    let service::ShownIdentity::Masked { name, document } = &opened.identity else {
        panic!("{opened:?}")
    };
    assert_eq!(name.expose(), "L. C.");
    let number = stage.other.document.number().expose();
    assert_eq!(
        *document.expose(),
        format!("**{}", &number[number.len() - 2..])
    );
    let refused = records.open(&officer, &stage.opening(true)).await;
    assert!(
        matches!(refused, Err(service::ServiceError::StepUpNeeded)),
        "{refused:?}"
    );
    let officer = city.fresh(city.health.id()).await;
    let opened = records.open(&officer, &stage.opening(true)).await.unwrap();
    assert!(matches!(opened.identity, service::ShownIdentity::Whole(_)));
    // Not without a case, and nobody of another region.
    let mut without = stage.opening(false);
    without.why = Stated::AT_THE_COUNTER;
    let refused = records.open(&officer, &without).await;
    assert!(matches!(
        refused,
        Err(service::ServiceError::BadField { .. })
    ));
    let far = "4201".parse().unwrap();
    let office = city.office_in(AuthorityKind::Health, "Wuhan Health Commission", far);
    let stranger = city
        .hire(&office.await, "Dr Qiu", &[Role::HealthOfficer])
        .await;
    let refused = records.open(&stranger, &stage.opening(false)).await;
    assert!(
        matches!(refused, Err(service::ServiceError::UnknownPerson)),
        "{refused:?}"
    );
    let looks = city
        .service
        .audit
        .looks(&stage.other.resident)
        .await
        .unwrap();
    let read: Vec<(Did, Option<&str>)> = looks
        .iter()
        .map(|look| (look.did, look.why.as_ref().and_then(Stated::reference)))
        .collect();
    let case = Some("case 12");
    assert!(read.contains(&(Did::PersonOpened, case)), "{read:?}");
    assert!(read.contains(&(Did::PersonUnmasked, case)), "{read:?}");
    assert_eq!(read.len(), 2, "what was refused showed nothing: {read:?}");
    let all = entries(&city, &auditor(&city).await).await;
    let refused = all.iter().filter_map(|one| one.entry.as_ref());
    let mut refused = refused.filter(|entry| entry.did == Did::OpeningRefused);
    assert!(refused.next().is_some_and(|entry| entry.people.is_empty()));
}

async fn whoever_opens_far_more_records_than_is_normal_is_pointed_out(city: City) {
    let stage = Stage::set(&city).await;
    let audit = &city.service.audit;
    let open = async |times: usize| {
        let officer = city.fresh(city.health.id()).await;
        for _ in 0..times {
            let opening = stage.opening(false);
            city.service.records.open(&officer, &opening).await.unwrap();
        }
        while audit.checkpoint().await.unwrap() > 0 {}
        audit.watch_looks().await.unwrap();
    };
    let alarms = async || {
        let auditor = auditor(&city).await;
        let alarms = city.service.alarms.list(&auditor).await.unwrap();
        let many = alarms.into_iter();
        let many = many.filter(|alarm| alarm.kind == service::AlarmKind::LooksMany);
        many.map(|alarm| alarm.number).collect::<Vec<u64>>()
    };
    for _ in 0..3 {
        open(6).await;
        city.pass(hours(24));
    }
    open(24).await;
    assert!(
        alarms().await.is_empty(),
        "four times as many are not far more"
    );
    open(1).await;
    assert_eq!(alarms().await, [25]);
    // Counted once, on whichever node.
    let node = city.another_node().await;
    node.audit.watch_looks().await.unwrap();
    assert_eq!(alarms().await, [25]);
    city.pass(hours(24));
    open(6).await;
    assert_eq!(alarms().await, [25], "the next day is another one");
}
