//! Invariant 5: who somebody is changes no verdict. Many people who differ in document, name and
//! phone, and share nothing but their evidence, get the same answers.

use std::collections::BTreeSet;

use domain::evidence::{
    DiagnosisStatus, OpenPeriod, Ring, StayMode, StaySource, TestKind, TestResult,
};
use domain::{
    AuthorityKind, Document, DocumentKind, Fact, Finding, IdSource, Identity, Level, Pii,
    RegionLevel,
};
use service::{Publisher, RegistrationRequest, SessionKind};

use crate::city::{City, Persona, Seeded, hours, stayed, well};

crate::stories! {
    invariant_5_verdicts_do_not_change_with_who_somebody_is
}

const PEOPLE: usize = 24;

/// One life for each of several people: what happened to them, the same for all.
type Life = fn(&City) -> Vec<Fact>;

const LIVES: [(&str, Life); 6] = [
    ("nothing happened", |_| Vec::new()),
    ("met a case", |city| vec![city.contact(5)]),
    ("met a contact", |city| {
        let mut fact = city.contact(5);
        if let Fact::Contact { ring, .. } = &mut fact {
            *ring = Ring::SECOND;
        }
        vec![fact]
    }),
    ("was found to be ill", |city| {
        vec![Fact::diagnosis(
            DiagnosisStatus::Confirmed,
            city.ago(3),
            Some(city.ago(40)),
        )]
    }),
    ("stayed where the risk is high", |city| {
        vec![Fact::stay(
            "420102".parse().unwrap(),
            OpenPeriod::new(city.ago(90), Some(city.ago(50))).unwrap(),
            StayMode::Stay,
            StaySource::Hotel,
        )]
    }),
    ("met a case and tested negative", |city| {
        let test = Fact::test(
            TestKind::Pcr,
            TestResult::Negative,
            OpenPeriod::new(city.ago(2), Some(city.ago(1))).unwrap(),
            None,
        );
        vec![city.contact(60), test]
    }),
];

async fn invariant_5_verdicts_do_not_change_with_who_somebody_is(city: City) {
    let level = RegionLevel {
        region: "42".parse().unwrap(),
        level: Level::High,
        from: city.ago(500),
        until: None,
    };
    city.service
        .publishing
        .publish_levels(&Publisher::from(&city.operator), &[level])
        .await
        .unwrap();
    let kind = AuthorityKind::Community;
    let community = city.feed_reporting_of(kind, "North Community Office", "CN");
    let community = community.await;
    let random = Seeded::new(5);
    let mut outcomes = BTreeSet::new();
    for (life, facts) in LIVES {
        let mut first: Option<Vec<String>> = None;
        for number in 0..PEOPLE {
            let who = register(&city, identity(&random, number)).await;
            for fact in facts(&city) {
                let by = match fact {
                    Fact::Test { .. } => &city.laboratory,
                    Fact::Stay { .. } => &community,
                    _ => city.health.submitter(),
                };
                city.submit(by, &who, fact).await;
            }
            let answers = answers(&city, &who).await;
            outcomes.insert(answers.clone());
            match &first {
                None => first = Some(answers),
                Some(first) => assert_eq!(&answers, first, "{life}, person {number}"),
            }
        }
    }
    assert!(outcomes.len() >= 4, "the lives differ: {outcomes:?}");
}

async fn register(city: &City, identity: Identity) -> Persona {
    let document = identity.document.clone();
    let request = RegistrationRequest {
        request: city.key(),
        identity,
        declaration: Some(well()),
        stays: vec![stayed("330106", city.ago(200), None)],
        session: SessionKind::Api,
        label: None,
    };
    let registered = city.service.people.register(request).await.unwrap();
    let resident = city
        .service
        .access
        .resident(&registered.token)
        .await
        .unwrap();
    Persona {
        name: "somebody",
        token: registered.token,
        resident,
        document,
    }
}

/// Everything that a person reads now and an hour, a week and a month later, but for the
/// identifiers of their evidence.
async fn answers(city: &City, who: &Persona) -> Vec<String> {
    let report = city.report(who).await;
    let verdict = &report.explanation.verdict;
    let finding = |finding: &Finding| {
        let Finding {
            rule,
            since,
            until,
            authority,
            evidence,
            because: _,
        } = finding;
        format!(
            "{rule} {since} {until} {authority} {} pieces",
            evidence.len()
        )
    };
    let mut answers = vec![format!(
        "{} {} {:?} {:?} {:?}",
        verdict.policy, verdict.status, verdict.since, verdict.until, verdict.next_change
    )];
    for restriction in &verdict.restrictions {
        let colour = restriction.colour;
        answers.push(format!("{colour} {}", finding(&restriction.finding)));
    }
    answers.extend(verdict.advice.iter().map(finding));
    for reason in &report.explanation.restrictions {
        answers.push(format!("{:?}", reason.texts));
    }
    let evidence = city
        .service
        .evidence
        .own_evidence_of(&who.resident)
        .await
        .unwrap();
    let policy = city.service.policies.policy().unwrap();
    let levels = city.service.policies.region_levels().unwrap();
    for later in [1, 7 * 24, 30 * 24] {
        let verdict = domain::decide(&policy, &levels, &evidence, city.now() + hours(later));
        answers.push(format!(
            "{later} hours later: {} {:?} {:?}",
            verdict.status, verdict.since, verdict.until
        ));
    }
    answers
}

/// Another person each time: another kind of document, and in an identity card another area, date of
/// birth and sex; another name and other phones.
fn identity(random: &Seeded, number: usize) -> Identity {
    let kind = if number.is_multiple_of(2) {
        DocumentKind::IdentityCard
    } else {
        DocumentKind::ALL[1 + number / 2 % (DocumentKind::ALL.len() - 1)]
    };
    let text = match kind {
        DocumentKind::IdentityCard => identity_card(random),
        _ => {
            let letter = char::from(b'A' + below(random, 26) as u8);
            format!("{letter}{:08}", below(random, 100_000_000))
        }
    };
    let names = [
        "Li Hua",
        "王小明",
        "Nguyễn Thị Mai",
        "O’Brien",
        "Ахмед",
        "X",
    ];
    let phones = (0..below(random, 3)).map(|_| {
        let country = ["", "+86 ", "+81 ", "+1 "][below(random, 4)];
        Pii::new(format!("{country}139{:08}", below(random, 100_000_000)))
    });
    Identity {
        name: Pii::new(names[below(random, names.len())].to_owned()),
        document: Document::new(kind, &text).unwrap(),
        phones: phones.collect(),
    }
}

/// GB 11643: area (made up: 99), date of birth, order with the sex in its last digit, check digit.
fn identity_card(random: &Seeded) -> String {
    let body = format!(
        "99{:04}{:04}{:02}{:02}{:03}",
        below(random, 10_000),
        1930 + below(random, 90),
        1 + below(random, 12),
        1 + below(random, 28),
        below(random, 1000),
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|digit| usize::from(digit - b'0'));
    let sum: usize = digits.zip(weights).map(|(digit, w)| digit * w).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11];
    format!("{body}{check}")
}

fn below(random: &Seeded, limit: usize) -> usize {
    (random.next_u128() % limit as u128) as usize
}
