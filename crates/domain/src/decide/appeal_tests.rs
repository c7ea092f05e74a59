//! What an appeal grants, and what it never does.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::evidence::{DiagnosisStatus, Period, Relation, Ring};
use crate::policy::Duration;
use crate::testing::{any_evidence, any_levels, any_policy, any_timestamp};
use crate::{
    Appeal, AppealRule, Appeals, AuthorityId, Colour, Evidence, EvidenceId, Fact, FactKind,
    PersonId, Policy, RegionLevels, Relief, Status, Verdict, decide, decide_appealed,
};

/// Contacts give red for 14 days, as does a diagnosis.
fn policy() -> Policy {
    let texts = "title.en = \"T\"\nreason.en = \"R\"\nguidance.en = \"G\"\n";
    let text = format!(
        "[policy]\nid = \"appeals\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"Asia/Shanghai\"\n\
         effective = 2020-01-01T00:00:00Z\nlook_back = \"90d\"\nlanguages = [\"en\"]\n\
         contest.en = \"Ask.\"\n[declaration]\nlasts = \"14d\"\n\
         [[rule]]\nid = \"contact\"\nreads = \"contact\"\ngives = \"red\"\nstarts = \"first\"\n\
         lasts = \"14d\"\n{texts}\
         [[rule]]\nid = \"case\"\nreads = \"diagnosis\"\ngives = \"red\"\nstarts = \"at\"\n\
         lasts = \"14d\"\n{texts}"
    );
    Policy::parse(&text).unwrap()
}

#[test]
fn a_policy_says_what_it_promises_to_those_who_appeal() {
    let parse = |appeal: &str| {
        let text = format!(
            "[policy]\nid = \"p\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"Asia/Shanghai\"\n\
             effective = 2020-01-01T00:00:00Z\nlook_back = \"90d\"\nlanguages = [\"en\"]\n\
             contest.en = \"Ask.\"\n[declaration]\nlasts = \"14d\"\n{appeal}"
        );
        Policy::parse(&text).map(|policy| policy.appeal())
    };
    assert_eq!(parse("").unwrap(), None, "it takes no appeals");
    let least = AppealRule {
        relief: Relief::None,
        suspends: false,
        ..RULE
    };
    let table = "[appeal]\nanswer_within = \"24h\"\n";
    assert_eq!(parse(table).unwrap(), Some(least));
    let all = format!("{table}relief = \"yellow\"\nsuspend = \"after-twice\"\n");
    assert_eq!(parse(&all).unwrap(), Some(RULE));
    for (wrong, complaint) in [
        ("[appeal]\n", "answer_within"),
        ("[appeal]\nanswer_within = \"0h\"\n", "longer than nothing"),
        ("[appeal]\nanswer_within = \"15d\"\n", "14d"),
        (
            "[appeal]\nanswer_within = \"24h\"\nrelief = \"green\"\n",
            "none, yellow",
        ),
        (
            "[appeal]\nanswer_within = \"24h\"\nsuspend = \"at-once\"\n",
            "never, after-twice",
        ),
    ] {
        let errors = parse(wrong).unwrap_err();
        assert!(errors[0].to_string().contains(complaint), "{errors:?}");
    }
}

fn at(text: &str) -> Timestamp {
    format!("2020-{text}:00+08:00").parse().unwrap()
}

fn numbered(number: u128, fact: Fact) -> Evidence {
    Evidence {
        id: EvidenceId::from_u128(number),
        person: PersonId::from_u128(7),
        authority: AuthorityId::from_u128(9),
        recorded_at: at("03-01T00:00"),
        fact,
    }
}

fn contact(number: u128) -> Evidence {
    let period = Period::new(at("03-01T10:00"), at("03-01T11:00")).unwrap();
    let fact = Fact::contact(None, Relation::Close, Ring::FIRST, period, Some(60));
    numbered(number, fact)
}

const RULE: AppealRule = AppealRule {
    answer_within: Duration::Hours(24),
    relief: Relief::Yellow,
    suspends: true,
};

/// An appeal against the first piece, filed at noon of 2 March.
fn appeal(answered_at: Option<&str>) -> Appeal {
    Appeal {
        evidence: vec![EvidenceId::from_u128(1)],
        filed_at: at("03-02T12:00"),
        answered_at: answered_at.map(at),
    }
}

fn colours(rule: AppealRule, evidence: &[Evidence], filed: &[Appeal], now: &str) -> Vec<Colour> {
    let appeals = Appeals { rule, filed };
    let verdict = decide_appealed(
        &policy(),
        &RegionLevels::default(),
        evidence,
        Some(appeals),
        at(now),
    );
    verdict.restrictions.iter().map(|r| r.colour).collect()
}

#[test]
fn red_is_yellow_until_the_answer_and_suspended_after_twice_the_deadline() {
    use Colour::{Red, Yellow};
    let evidence = [contact(1)];
    let waiting = [appeal(None)];
    let answered = [appeal(Some("03-03T09:00"))];
    let cases: [(&[Appeal], &str, &[Colour]); 7] = [
        (&waiting, "03-02T11:59", &[Red]),
        (&waiting, "03-02T12:00", &[Yellow]),
        (&waiting, "03-04T11:59", &[Yellow]),
        (&waiting, "03-04T12:00", &[]),
        (&answered, "03-03T08:59", &[Yellow]),
        (&answered, "03-03T09:00", &[Red]),
        (&answered, "03-05T12:00", &[Red]),
    ];
    for (filed, now, expected) in cases {
        assert_eq!(colours(RULE, &evidence, filed, now), expected, "at {now}");
    }
}

#[test]
fn a_policy_may_grant_no_relief_or_never_suspend() {
    let (evidence, waiting) = ([contact(1)], [appeal(None)]);
    let stern = AppealRule {
        relief: Relief::None,
        ..RULE
    };
    let patient = AppealRule {
        suspends: false,
        ..RULE
    };
    let red = [Colour::Red];
    assert_eq!(colours(stern, &evidence, &waiting, "03-03T12:00"), red);
    assert!(colours(stern, &evidence, &waiting, "03-04T12:00").is_empty());
    let yellow = [Colour::Yellow];
    assert_eq!(colours(patient, &evidence, &waiting, "03-09T12:00"), yellow);
}

#[test]
fn other_evidence_under_the_same_rule_stays_what_it_is() {
    let (evidence, waiting) = ([contact(1), contact(2)], [appeal(None)]);
    let both = [Colour::Red, Colour::Yellow];
    assert_eq!(colours(RULE, &evidence, &waiting, "03-03T12:00"), both);
    assert_eq!(
        colours(RULE, &evidence, &waiting, "03-04T12:00"),
        [Colour::Red]
    );
}

#[test]
fn a_diagnosis_gets_no_relief() {
    let diagnosis = Fact::diagnosis(DiagnosisStatus::Confirmed, at("03-01T10:00"), None);
    let evidence = [numbered(1, diagnosis)];
    for now in ["03-02T13:00", "03-05T12:00"] {
        assert_eq!(
            colours(RULE, &evidence, &[appeal(None)], now),
            [Colour::Red]
        );
    }
}

fn any_appeal() -> impl Strategy<Value = Appeal> {
    let evidence = prop::collection::vec((1..=8_u128).prop_map(EvidenceId::from_u128), 1..4);
    let answered = prop::option::of(0..72_i64);
    (evidence, any_timestamp(), answered).prop_map(|(evidence, filed_at, answered)| Appeal {
        evidence,
        filed_at,
        answered_at: answered.map(|hours| filed_at + SignedDuration::from_hours(hours)),
    })
}

fn any_rule() -> impl Strategy<Value = AppealRule> {
    let within = prop_oneof![
        (1..72_u16).prop_map(Duration::Hours),
        (0..4_u16).prop_map(Duration::Days),
    ];
    let relief = prop::sample::select(&[Relief::None, Relief::Yellow][..]);
    (within, relief, any::<bool>()).prop_map(|(answer_within, relief, suspends)| AppealRule {
        answer_within,
        relief,
        suspends,
    })
}

fn severity(verdict: &Verdict) -> Option<Colour> {
    verdict.restrictions.iter().map(|r| r.colour).max()
}

proptest! {
    #![proptest_config(crate::testing::property_cases(512))]

    #[test]
    fn no_appeal_ever_makes_a_colour_worse(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        rule in any_rule(),
        filed in prop::collection::vec(any_appeal(), 0..4),
        now in any_timestamp(),
    ) {
        let before = decide(&policy, &levels, &evidence, now);
        let appeals = Appeals { rule, filed: &filed };
        let after = decide_appealed(&policy, &levels, &evidence, Some(appeals), now);
        prop_assert!(severity(&after) <= severity(&before), "{:?} after {:?}", after, before);
        prop_assert_eq!(&after.advice, &before.advice);
        prop_assert!(after.restrictions.iter().all(|r| r.colour != Colour::Green));
        match severity(&after) {
            Some(colour) => prop_assert_eq!(after.status, Status::Decided(colour)),
            None => prop_assert!(after.status.colour().is_none_or(|c| c == Colour::Green)),
        }
        let diagnosed = |verdict: &Verdict| {
            let rules = verdict.restrictions.iter().filter(|restriction| {
                let rule = policy.rule(&restriction.finding.rule);
                rule.is_some_and(|rule| rule.reads == FactKind::Diagnosis)
            });
            rules.cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(diagnosed(&after), diagnosed(&before));
    }

    #[test]
    fn without_an_appeal_nothing_changes(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        rule in any_rule(),
        now in any_timestamp(),
    ) {
        let none = Appeals { rule, filed: &[] };
        prop_assert_eq!(
            decide_appealed(&policy, &levels, &evidence, Some(none), now),
            decide(&policy, &levels, &evidence, now)
        );
    }

    #[test]
    fn a_verdict_under_appeal_holds_until_its_next_change(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        rule in any_rule(),
        filed in prop::collection::vec(any_appeal(), 0..4),
        now in any_timestamp(),
        part in 0.0..1.0_f64,
    ) {
        let appeals = Appeals { rule, filed: &filed };
        let verdict = decide_appealed(&policy, &levels, &evidence, Some(appeals), now);
        let end = verdict.next_change.unwrap_or(now + SignedDuration::from_hours(24 * 365));
        prop_assert!(end > now);
        let ahead = end.as_second() - now.as_second() - 1;
        for later in [1.min(ahead), (ahead as f64 * part) as i64, ahead] {
            let later = now + SignedDuration::from_secs(later);
            let again = decide_appealed(&policy, &levels, &evidence, Some(appeals), later);
            prop_assert_eq!(&again, &verdict, "at {}", later);
        }
    }
}
