//! Whose business somebody is: regions isolate.

use domain::evidence::{OpenPeriod, StayMode, StaySource, TestKind, TestResult};
use domain::{AuthorityKind, Colour, Document, DocumentKind, Fact, Region, Role};
use service::{
    CaseReport, NewFeed, NewMember, OrderRequest, Result, ServiceError, Staff, Subject, Submitter,
};

use crate::city::{City, Persona, hours, stayed, well};
use crate::offices;
use crate::offices::OFFICER;

crate::stories! {
    an_officer_reaches_people_of_their_region_and_nobody_else
    what_ones_own_authority_said_gives_no_reach
    whoever_is_placed_by_nobody_belongs_where_evidence_came_from
    a_feed_submits_what_lies_in_its_regions
    a_community_office_hands_out_no_role_that_decides
    nobody_makes_a_machine_beyond_their_own_regions_and_offices
}

const WEST: &str = "330106";
const EAST: &str = "330102";

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// An officer of a commission for the west of the city.
async fn of_the_west(city: &City) -> Staff {
    let office = city.office_in(AuthorityKind::Health, "West Commission", region(WEST));
    city.hire(&office.await, "Dr Xi", &OFFICER).await
}

/// A machine of an office in a part of the city.
async fn feed_in(city: &City, kind: AuthorityKind, name: &str, code: &str) -> Submitter {
    city.office_in(kind, name, region(code)).await;
    city.feed(kind, name).await
}

/// Somebody who has lived there for a year, as they say.
pub async fn living_in(city: &City, name: &'static str, code: &str) -> Persona {
    let mut request = city.registration(name, Some(well()));
    request.stays = vec![stayed(code, city.ago(24 * 365), None)];
    let document = request.identity.document.clone();
    let registered = city.service.people.register(request).await.unwrap();
    let resident = city.service.access.resident(&registered.token).await;
    Persona {
        name,
        token: registered.token,
        resident: resident.unwrap(),
        document,
    }
}

fn stay(city: &City, code: &str) -> Fact {
    let period = OpenPeriod::new(city.ago(48), Some(city.ago(24))).unwrap();
    let (mode, source) = (StayMode::Stay, StaySource::Declared);
    Fact::stay(region(code), period, mode, source)
}

async fn confirm(city: &City, by: &Staff, subject: Subject) -> Result<()> {
    let report = CaseReport {
        request: None,
        subject,
        found_at: None,
        onset: None,
        is_asymptomatic: false,
    };
    let confirmed = city.service.tracing.confirm_case(by, report).await;
    confirmed.map(drop)
}

async fn order(city: &City, by: &Staff, people: Vec<Subject>) -> Result<()> {
    let request = OrderRequest {
        request: None,
        people,
        colour: Colour::Red,
        from: city.now(),
        until: city.now() + hours(24),
        basis: "Epidemic Act, article 39".to_owned(),
    };
    city.service.orders.propose(by, request).await.map(drop)
}

fn is_unknown<T>(refused: &Result<T>) -> bool {
    matches!(refused, Err(ServiceError::UnknownPerson))
}

async fn an_officer_reaches_people_of_their_region_and_nobody_else(city: City) {
    let (li, wu) = (
        living_in(&city, "Li", WEST).await,
        living_in(&city, "Wu", EAST).await,
    );
    let officer = of_the_west(&city).await;
    let diagnosis = Fact::diagnosis(
        domain::evidence::DiagnosisStatus::Confirmed,
        city.now(),
        None,
    );
    let elsewhere = async || {
        assert!(is_unknown(&confirm(&city, &officer, wu.subject()).await));
        let receipt = city.try_submit(officer.submitter(), wu.subject(), diagnosis.clone());
        assert_eq!(receipt.await.refused[0].field, "person", "by no other way");
        assert!(is_unknown(
            &order(&city, &officer, vec![wu.subject()]).await
        ));
        let both = vec![li.subject(), wu.subject()];
        assert!(is_unknown(&order(&city, &officer, both).await));
        let tracing = &city.service.tracing;
        assert!(is_unknown(&tracing.waiting(&officer, wu.id()).await));
        assert!(is_unknown(&tracing.take_in(&officer, wu.id(), "").await));
        assert!(is_unknown(&tracing.refuse(&officer, wu.id(), "").await));
    };
    elsewhere().await;
    order(&city, &officer, vec![li.subject()]).await.unwrap();
    confirm(&city, &officer, li.subject()).await.unwrap();
    assert!(
        city.service
            .tracing
            .waiting(&officer, li.id())
            .await
            .is_ok()
    );
    // A stay of which another office knows makes a traveller theirs, within look-back.
    city.submit(&city.community, &wu, stay(&city, WEST)).await;
    assert!(
        city.service
            .tracing
            .waiting(&officer, wu.id())
            .await
            .is_ok()
    );
    city.pass(hours(24 * 400));
    let officer = city.fresh(officer.id()).await;
    let long_ago = city.service.tracing.waiting(&officer, wu.id()).await;
    assert!(is_unknown(&long_ago), "{long_ago:?}");
    // An officer responsible for the whole city reaches both.
    let health = city.fresh(city.health.id()).await;
    let both = vec![li.subject(), wu.subject()];
    order(&city, &health, both).await.unwrap();
}

async fn what_ones_own_authority_said_gives_no_reach(city: City) {
    let wu = living_in(&city, "Wu", EAST).await;
    let officer = of_the_west(&city).await;
    let by = officer.submitter();
    city.submit(by, &wu, stay(&city, WEST)).await;
    assert!(is_unknown(&confirm(&city, &officer, wu.subject()).await));
    let document = Document::new(DocumentKind::Passport, "NOBODY123").unwrap();
    let nobodys = Subject::Document(document);
    confirm(&city, &officer, nobodys.clone()).await.unwrap();
    let again = confirm(&city, &officer, nobodys).await;
    again.expect("nobody else said anything of them");
}

async fn whoever_is_placed_by_nobody_belongs_where_evidence_came_from(city: City) {
    let officer = of_the_west(&city).await;
    let test = |hours: i64| {
        let period = OpenPeriod::new(city.ago(hours), None).unwrap();
        Fact::test(TestKind::Pcr, TestResult::Negative, period, None)
    };
    for (name, laboratory, code, is_theirs) in [
        ("Mei", "West Laboratory", "330106001", true),
        ("Tao", "East Laboratory", EAST, false),
    ] {
        let who = city.resident(name).await;
        confirm_is(&city, &officer, &who, true).await;
        let by = feed_in(&city, AuthorityKind::Laboratory, laboratory, code).await;
        city.submit(&by, &who, test(3)).await;
        confirm_is(&city, &officer, &who, is_theirs).await;
    }
}

/// Whether what waits of somebody may be read, which changes nothing.
async fn confirm_is(city: &City, officer: &Staff, who: &Persona, expected: bool) {
    let read = city.service.tracing.waiting(officer, who.id()).await;
    assert_eq!(read.is_ok(), expected, "{}: {read:?}", who.name);
}

async fn a_feed_submits_what_lies_in_its_regions(city: City) {
    let (li, wu, bai) = (
        living_in(&city, "Li", WEST).await,
        living_in(&city, "Wu", EAST).await,
        living_in(&city, "Bai", EAST).await,
    );
    let bus = feed_in(&city, AuthorityKind::Transport, "West Buses", WEST).await;
    let laboratory = feed_in(&city, AuthorityKind::Laboratory, "West Laboratory", WEST).await;
    let sampled = OpenPeriod::new(city.ago(3), None).unwrap();
    let tested = Fact::test(TestKind::Pcr, TestResult::Negative, sampled, None);
    let stranger = Document::new(DocumentKind::Passport, "NOBODY123").unwrap();
    let table = [
        (li.subject(), stay(&city, WEST), None),
        (bai.subject(), stay(&city, WEST), None),
        (li.subject(), stay(&city, EAST), Some("region")),
        (li.subject(), tested.clone(), None),
        (wu.subject(), tested.clone(), Some("person")),
        (Subject::Document(stranger), tested, None),
    ];
    let mut reasons = Vec::new();
    for (subject, fact, expected) in table {
        let by = match fact {
            Fact::Stay { .. } => &bus,
            _ => &laboratory,
        };
        let receipt = city.try_submit(by, subject, fact.clone()).await;
        let refused = receipt.refused.first();
        assert_eq!(refused.map(|one| one.field), expected, "{fact:?}");
        reasons.extend(refused.map(|one| one.reason.clone()));
    }
    assert_eq!(reasons[0], reasons[1], "the same words, whatever is known");
}

async fn a_community_office_hands_out_no_role_that_decides(city: City) {
    let staff = &city.service.staff;
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let roles = [Role::Administrator, Role::Approver];
    let community = city.hire(&office, "Xiao Bai", &roles).await;
    let commission = city.health.authority().id;
    let member = |authority, role: Role| NewMember {
        authority,
        name: "Dr Ou".to_owned(),
        roles: [role].into_iter().collect(),
        regions: "".parse().unwrap(),
    };
    let is_refused = |refused: &Result<domain::ProposalId>| {
        matches!(refused, Err(ServiceError::BadField { field: "roles", .. }))
    };
    for (authority, role, may) in [
        (office.id, Role::CommunityWorker, true),
        (office.id, Role::CheckpointLead, true),
        (office.id, Role::HealthOfficer, false),
        (office.id, Role::Administrator, false),
        (office.id, Role::Approver, false),
        (commission, Role::HealthOfficer, false),
        (commission, Role::CommunityWorker, false),
    ] {
        let proposed = staff.propose_member(&community, member(authority, role));
        let proposed = proposed.await.map(|(one, _)| one.id);
        assert_eq!(proposed.is_ok(), may, "{role}: {proposed:?}");
        assert!(may || is_refused(&proposed), "{proposed:?}");
    }
    // Nor is its approver the second person behind one.
    let admin = city.administrator().await;
    let officer = member(commission, Role::HealthOfficer);
    let (proposed, _) = staff.propose_member(&admin, officer).await.unwrap();
    let id = proposed.id;
    let approved = staff.approve_member(&community, id, "seen").await;
    assert!(is_refused(&approved.map(|_| id)));
    let approver = city.approver().await;
    staff.approve_member(&approver, id, "seen").await.unwrap();
}

async fn nobody_makes_a_machine_beyond_their_own_regions_and_offices(city: City) {
    let staff = &city.service.staff;
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let community = city.hire(&office, "Xiao Bai", &[Role::Administrator]).await;
    let feed = |authority, regions: &str| NewFeed {
        authority,
        name: format!("machine {regions}"),
        kinds: Vec::new(),
        regions: regions.parse().unwrap(),
        rate_per_minute: 60,
        lasts: hours(24),
        public_key: None,
    };
    // A machine of the commission could confirm cases; so could one whose token is renewed.
    let commission = city.health.authority().id;
    let made = staff.make_feed(&community, feed(commission, "")).await;
    assert!(matches!(made, Err(ServiceError::UnknownAuthority)));
    let admin = city.administrator().await;
    let (machine, _) = offices::made(staff.make_feed(&admin, feed(commission, "")).await);
    let taken = staff.renew_feed(&community, machine).await;
    assert!(matches!(taken, Err(ServiceError::UnknownFeed)));
    let ended = staff.end_member(&community, city.health.id()).await;
    assert!(matches!(ended, Err(ServiceError::UnknownStaff)));
    // Nor does a machine reach where its maker does not.
    for (regions, may) in [("", true), ("330106", true), ("CN", false), ("42", false)] {
        let made = staff.make_feed(&community, feed(office.id, regions)).await;
        let is_refused = matches!(
            made,
            Err(ServiceError::BadField {
                field: "regions",
                ..
            })
        );
        assert_eq!((made.is_ok(), is_refused), (may, !may), "{regions:?}");
    }
}
