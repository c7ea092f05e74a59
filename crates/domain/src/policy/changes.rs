//! What a version of a policy changed, rule by rule.

use super::model::{Policy, Rule};

/// What became of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleChange<'p> {
    /// It was not there before.
    New(&'p Rule),
    /// It is not there any more.
    Gone(&'p Rule),
    /// It says something else than before.
    Changed {
        /// As it was.
        before: &'p Rule,
        /// As it is.
        after: &'p Rule,
        /// Whether whom it concerns, what it gives and for how long stayed the same.
        only_texts: bool,
    },
}

/// What the rules of `after` changed, in their order; then the rules of `before` that are gone. A rule is
/// known by its name. Rules that only changed places are left out: their order decides nothing.
pub fn changes<'p>(before: &'p Policy, after: &'p Policy) -> Vec<RuleChange<'p>> {
    let find = |policy: &'p Policy, rule: &Rule| -> Option<&'p Rule> {
        policy.rules().iter().find(|other| other.id == rule.id)
    };
    let mut found = Vec::new();
    for rule in after.rules() {
        match find(before, rule) {
            None => found.push(RuleChange::New(rule)),
            Some(earlier) if earlier == rule => {}
            Some(earlier) => found.push(RuleChange::Changed {
                before: earlier,
                after: rule,
                only_texts: with_texts_of(earlier, rule) == *rule,
            }),
        }
    }
    let gone = before
        .rules()
        .iter()
        .filter(|rule| find(after, rule).is_none());
    found.extend(gone.map(RuleChange::Gone));
    found
}

fn with_texts_of(rule: &Rule, other: &Rule) -> Rule {
    Rule {
        texts: other.texts.clone(),
        ..rule.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rules: &[(&str, &str, &str)]) -> Policy {
        let mut text = "[policy]\nid = \"p\"\nversion = 1\nissuer = \"33\"\n\
            time_zone = \"Asia/Shanghai\"\neffective = 2020-01-01T00:00:00Z\nlook_back = \"60d\"\n\
            languages = [\"en\"]\ncontest.en = \"C\"\n[declaration]\nlasts = \"14d\"\n"
            .to_owned();
        // Each of a kind of its own, so that none hides another.
        let relations = [
            ("a", "household"),
            ("b", "close"),
            ("c", "building"),
            ("d", "vehicle"),
            ("e", "venue"),
        ];
        for (id, lasts, title) in rules {
            let (_, relation) = relations.iter().find(|(known, _)| known == id).unwrap();
            text += &format!(
                "[[rule]]\nid = \"{id}\"\nreads = \"contact\"\n\
                 where = {{ relation = [\"{relation}\"] }}\ngives = \"red\"\nstarts = \"last\"\n\
                 lasts = \"{lasts}\"\ntitle.en = \"{title}\"\nreason.en = \"R\"\nguidance.en = \"G\"\n"
            );
        }
        Policy::parse(&text).unwrap()
    }

    #[test]
    fn each_rule_is_new_gone_changed_or_left_out() {
        let before = policy(&[
            ("a", "14d", "A"),
            ("b", "14d", "B"),
            ("c", "7d", "C"),
            ("d", "7d", "D"),
        ]);
        let after = policy(&[
            ("d", "7d", "D"),
            ("b", "7d", "B"),
            ("c", "7d", "See"),
            ("e", "3d", "E"),
        ]);
        let said: Vec<String> = changes(&before, &after)
            .iter()
            .map(|change| match change {
                RuleChange::New(rule) => format!("new {}", rule.id),
                RuleChange::Gone(rule) => format!("gone {}", rule.id),
                RuleChange::Changed {
                    after, only_texts, ..
                } => {
                    format!("changed {} {only_texts}", after.id)
                }
            })
            .collect();
        assert_eq!(
            said,
            ["changed b false", "changed c true", "new e", "gone a"]
        );
        assert_eq!(changes(&after, &after), []);
    }
}
