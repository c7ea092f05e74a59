//! The shipped policies: they load, their worked cases hold, and they keep the invariants.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]

use std::path::{Path, PathBuf};

use domain::policy::{Case, Cases, Comparison, DateName, Field, FieldType, Outcome, Rule};
use domain::{Colour, FactKind, Policy};

/// Every shipped policy with the path of its file, by name.
fn shipped() -> Vec<(PathBuf, Policy)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut documents: Vec<_> = files
        .filter(|file| file.to_string_lossy().ends_with(".toml"))
        .filter(|file| !file.to_string_lossy().ends_with(".cases.toml"))
        .collect();
    documents.sort();
    documents
        .into_iter()
        .map(|file| (file.clone(), load(&file)))
        .collect()
}

fn load(file: &Path) -> Policy {
    let text = std::fs::read_to_string(file).unwrap();
    Policy::parse(&text).unwrap_or_else(|errors| {
        let errors: String = errors
            .iter()
            .map(|e| format!("\n{}: {e}", file.display()))
            .collect();
        panic!("{errors}")
    })
}

fn cases_of(file: &Path, policy: &Policy) -> Cases {
    let file = file.with_extension("cases.toml");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    Cases::parse(&text, policy).unwrap_or_else(|errors| {
        let errors: String = errors
            .iter()
            .map(|e| format!("\n{}: {e}", file.display()))
            .collect();
        panic!("{errors}")
    })
}

#[test]
fn the_policies_that_the_design_names_are_shipped() {
    let names: Vec<_> = shipped()
        .iter()
        .map(|(_, policy)| policy.reference().id.clone())
        .collect();
    let expected = [
        "chengdu-companions",
        "chongqing",
        "guangdong",
        "hangzhou",
        "travel-card-2020",
        "travel-card",
    ];
    for name in expected {
        assert!(
            names.iter().any(|shipped| shipped == name),
            "{name} is missing from {names:?}"
        );
    }
}

#[test]
fn a_policy_is_called_like_its_file() {
    for (file, policy) in shipped() {
        assert_eq!(
            file.file_stem().unwrap().to_str(),
            Some(policy.reference().id.as_str())
        );
    }
}

#[test]
fn every_worked_case_is_decided_as_written() {
    let mut wrong = String::new();
    for (file, policy) in shipped() {
        for outcome in cases_of(&file, &policy).run(&policy) {
            for difference in &outcome.mismatches {
                let name = file.with_extension("cases.toml");
                wrong += &format!("\n{}: {}: {difference}", name.display(), outcome.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn worked_cases_are_decided_alike_in_whatever_order_the_evidence_comes() {
    each_timestamp(|policy, case, at| {
        let known = case.known_at(at);
        let decided = domain::decide(policy, &case.levels, &known, at);
        let mut reversed = known.clone();
        reversed.reverse();
        let doubled: Vec<_> = known.iter().chain(&reversed).cloned().collect();
        for other in [reversed, doubled] {
            assert_eq!(
                domain::decide(policy, &case.levels, &other, at),
                decided,
                "{}",
                case.name
            );
        }
    });
}

#[test]
fn a_verdict_of_a_worked_case_holds_until_its_next_change() {
    each_timestamp(|policy, case, at| {
        let known = case.known_at(at);
        let decided = domain::decide(policy, &case.levels, &known, at);
        let Some(next) = decided.next_change else {
            return;
        };
        let second = jiff::SignedDuration::from_secs(1);
        assert!(next > at, "{}", case.name);
        let later = domain::decide(policy, &case.levels, &known, (next - second).max(at));
        assert_eq!(later, decided, "{}", case.name);
    });
}

#[test]
fn every_rule_is_shown_in_force_by_a_worked_case_and_as_not_in_force_by_another() {
    let mut missing = String::new();
    for (file, policy) in shipped() {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        for case in cases_of(&file, &policy).cases() {
            for expected in &case.expected {
                let known = case.known_at(expected.at);
                let verdict = domain::decide(&policy, &case.levels, &known, expected.at);
                let restrictions = verdict.restrictions.iter().map(|r| &r.finding);
                let found: Vec<_> = restrictions
                    .chain(&verdict.advice)
                    .map(|f| f.rule.clone())
                    .collect();
                let others = policy
                    .rules()
                    .iter()
                    .filter(|rule| !found.contains(&rule.id));
                off.extend(others.map(|rule| rule.id.clone()));
                on.extend(found);
            }
        }
        for rule in policy.rules() {
            if !on.contains(&rule.id) || !off.contains(&rule.id) {
                missing += &format!("\n{}: {}", policy.reference(), rule.id);
            }
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

#[test]
fn what_people_say_of_themselves_never_makes_a_code_red() {
    for (_, policy) in shipped() {
        for rule in policy.rules() {
            let red = rule.gives == Outcome::Restriction(Colour::Red);
            let id = format!("{}: {}", policy.reference(), rule.id);
            assert!(!(red && rule.reads == FactKind::Declaration), "{id}");
        }
    }
}

#[test]
fn a_contradiction_never_makes_a_code_red_by_itself() {
    for (_, policy) in shipped() {
        for rule in policy.rules() {
            let red = rule.gives == Outcome::Restriction(Colour::Red);
            let id = format!("{}: {}", policy.reference(), rule.id);
            assert!(!(red && rule.reads == FactKind::Contradiction), "{id}");
        }
    }
}

#[test]
fn every_shipped_policy_takes_appeals_and_suspends_what_nobody_answers() {
    for (_, policy) in shipped() {
        let rule = policy.appeal().expect("it takes appeals");
        assert!(rule.suspends, "{}", policy.reference());
    }
}

#[test]
fn trying_the_worked_cases_of_a_shipped_policy_takes_a_moment() {
    for (file, policy) in shipped() {
        let effort = cases_of(&file, &policy).effort(&policy);
        assert!(effort < 1_000_000, "{}: {effort}", policy.reference());
    }
}

#[test]
fn being_at_the_same_venue_or_in_transit_never_makes_a_code_red() {
    for (_, policy) in shipped() {
        for rule in policy.rules() {
            if rule.gives != Outcome::Restriction(Colour::Red) {
                continue;
            }
            let excludes = |field: Field, word: &str| {
                rule.conditions.iter().any(|condition| {
                    let Comparison::OneOf(words) = &condition.comparison else {
                        return false;
                    };
                    condition.field == field && !words.iter().any(|known| known == word)
                })
            };
            let id = format!("{}: {}", policy.reference(), rule.id);
            match rule.reads {
                FactKind::Contact => assert!(excludes(Field::Relation, "venue"), "{id}"),
                FactKind::Stay => assert!(excludes(Field::Mode, "transit"), "{id}"),
                FactKind::Visit => panic!("{id} makes a visit red"),
                _ => {}
            }
        }
    }
}

#[test]
fn no_restriction_singles_out_a_region_without_a_published_risk() {
    for (_, policy) in shipped() {
        let restricting =
            |rule: &&Rule| rule.gives != Outcome::Advice && rule.reads == FactKind::Stay;
        for rule in policy.rules().iter().filter(restricting) {
            let asks = |field| rule.conditions.iter().find(|c| c.field == field);
            let Some(region) = asks(Field::Region) else {
                continue;
            };
            let Comparison::Within(within) = &region.comparison else {
                continue;
            };
            let id = format!("{}: {}", policy.reference(), rule.id);
            assert!(
                asks(Field::Level).is_some(),
                "{id} names {within:?} and asks for no level"
            );
        }
    }
}

#[test]
fn every_rule_can_be_said_in_plain_words() {
    for (_, policy) in shipped() {
        for rule in policy.rules() {
            let words = rule.in_words();
            assert!(words.ends_with('.') && words.contains(" from "), "{words}");
        }
    }
}

#[test]
fn the_examples_in_the_documentation_load_and_hold() {
    let page = include_str!("../../../docs/policy-language.md");
    let mut examples = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let policy = Policy::parse(examples.next().unwrap()).unwrap();
    let cases = Cases::parse(examples.next().unwrap(), &policy).unwrap();
    for outcome in cases.run(&policy) {
        assert!(outcome.holds(), "{:?}", outcome.mismatches);
    }
    assert!(examples.next().is_none(), "an example that no test reads");
}

#[test]
fn the_documentation_names_every_field_date_and_word() {
    let page = include_str!("../../../docs/policy-language.md");
    for kind in FactKind::ALL
        .iter()
        .filter(|kind| **kind != FactKind::Withdrawal)
    {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{kind}` |")));
        let row = row.unwrap_or_else(|| panic!("{kind} has no row"));
        for (field, field_type) in Field::all_of(*kind) {
            assert!(
                row.contains(&format!("`{}`", field.name())),
                "{kind}: {}",
                field.name()
            );
            if let FieldType::Word(words) | FieldType::Words(words) = field_type {
                for word in words {
                    assert!(page.contains(&format!("`{word}`")), "{kind}: {word}");
                }
            }
        }
        for date in DateName::all_of(*kind, true) {
            assert!(
                row.contains(&format!("`{}`", date.name())),
                "{kind}: {}",
                date.name()
            );
        }
    }
}

/// Visits every policy's every case at every timestamp it names.
fn each_timestamp(visit: impl Fn(&Policy, &Case, domain::Timestamp)) {
    for (file, policy) in shipped() {
        for case in cases_of(&file, &policy).cases() {
            case.expected
                .iter()
                .for_each(|expected| visit(&policy, case, expected.at));
        }
    }
}
