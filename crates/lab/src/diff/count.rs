//! Counts the changes, exactly. Nothing here leaves the lab before [`super::figures`] has hidden
//! what is small.

use domain::Timestamp;
use domain::policy::{Outcome, Policy};
use engine::columns::Seconds;

use super::{Decided, STATUS_COUNT, restricts};
use crate::groups::{Change, UNCHANGED};
use crate::people::People;
use crate::suppress::tree::CHANGES;

/// So long after the last meeting a contact counts as a true one.
const CONTACT_MATTERS: Seconds = 14 * 86_400;

/// The changes that are counted by group, in this order.
pub(super) const NEWLY_RESTRICTED: Change = 0;
pub(super) const STRICTER: Change = 1;
pub(super) const MILDER: Change = 2;
pub(super) const NEWLY_FREED: Change = 3;

/// Exact counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// From status (row) to status (column).
    pub(super) moves: [[u64; STATUS_COUNT]; STATUS_COUNT],
    /// Each person's change.
    pub(super) changes: Vec<Change>,
    /// The rules that restrict, those of the new policy first.
    pub(super) rules: Vec<RuleCount>,
    pub(super) days: Days,
    /// Who truly met a case, by whether the old and the new policy restrict them; `None` if nothing
    /// says who met a case.
    pub(super) met: Option<[[u64; 2]; 2]>,
}

/// A rule, and whose colour it gives.
#[derive(Debug)]
pub(super) struct RuleCount {
    pub(super) id: String,
    pub(super) title: String,
    /// Its place in [`super::STATUSES`] under the old and the new policy; `None` where it is not
    /// there or only advises.
    pub(super) gives: [Option<usize>; 2],
    pub(super) before: u64,
    pub(super) after: u64,
    pub(super) newly_restricted: u64,
    pub(super) newly_freed: u64,
}

/// Time of restriction ahead, in seconds, and how many people add up to it.
#[derive(Debug, Default)]
pub(super) struct Days {
    pub(super) before: Sum,
    pub(super) after: Sum,
    pub(super) added: Sum,
    pub(super) removed: Sum,
}

/// Seconds of so many people.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) seconds: u64,
    pub(super) people: u64,
}

impl Sum {
    fn add(&mut self, seconds: Seconds) {
        if seconds > 0 {
            self.seconds += u64::from(seconds);
            self.people += 1;
        }
    }
}

impl Counts {
    pub(super) fn new(
        old: &Decided<'_>,
        new: &Decided<'_>,
        people: &People,
        at: Timestamp,
    ) -> Self {
        // `decide_columns` has refused timestamps that do not fit.
        let now = Seconds::try_from(at.as_second()).unwrap_or_default();
        let mut counts = Self {
            changes: Vec::with_capacity(people.len()),
            ..Self::default()
        };
        let (old_rules, new_rules) = counts.list_rules(old.policy, new.policy);
        let met = met_lately(people, now);
        let mut met_counts = [[0; 2]; 2];
        for (person, met) in met.into_iter().enumerate() {
            let (from, to) = (old.status(person), new.status(person));
            counts.moves[from][to] += 1;
            let change = change(from, to);
            counts.changes.push(change);
            if restricts(from)
                && let Some(rule) = old.rule(person)
            {
                let rule = &mut counts.rules[old_rules[rule]];
                rule.before += 1;
                rule.newly_freed += u64::from(change == NEWLY_FREED);
            }
            if restricts(to)
                && let Some(rule) = new.rule(person)
            {
                let rule = &mut counts.rules[new_rules[rule]];
                rule.after += 1;
                rule.newly_restricted += u64::from(change == NEWLY_RESTRICTED);
            }
            let ahead = |decided: &Decided<'_>, status| match restricts(status) {
                true => decided.decisions.until[person].saturating_sub(now),
                false => 0,
            };
            counts.days.count(ahead(old, from), ahead(new, to));
            if met {
                met_counts[usize::from(restricts(from))][usize::from(restricts(to))] += 1;
            }
        }
        counts.met = (!people.meetings.is_empty()).then_some(met_counts);
        counts
    }

    /// Lists every rule that restricts under either policy; for each rule of both its place there.
    fn list_rules(&mut self, old: &Policy, new: &Policy) -> (Vec<usize>, Vec<usize>) {
        let mut places = [Vec::new(), Vec::new()];
        for (which, policy) in [(1, new), (0, old)] {
            let language = policy.languages().first();
            for rule in policy.rules() {
                let found = self
                    .rules
                    .iter()
                    .position(|other| other.id == rule.id.as_str());
                let place = match (found, rule.gives) {
                    (Some(place), _) => place,
                    // Nobody has a colour from it, so that its place is never asked for.
                    (None, Outcome::Advice) => usize::MAX,
                    (None, Outcome::Restriction(_)) => {
                        let title = language.and_then(|tag| rule.texts.title.in_language(tag));
                        self.rules.push(RuleCount {
                            id: rule.id.to_string(),
                            title: title.unwrap_or_default().to_owned(),
                            gives: [None; 2],
                            before: 0,
                            after: 0,
                            newly_restricted: 0,
                            newly_freed: 0,
                        });
                        self.rules.len() - 1
                    }
                };
                if let Outcome::Restriction(colour) = rule.gives {
                    self.rules[place].gives[which] = Some(1 + colour as usize);
                }
                places[which].push(place);
            }
        }
        places.into()
    }
}

impl Days {
    fn count(&mut self, before: Seconds, after: Seconds) {
        self.before.add(before);
        self.after.add(after);
        self.added.add(after.saturating_sub(before));
        self.removed.add(before.saturating_sub(after));
    }
}

fn change(from: usize, to: usize) -> Change {
    match (restricts(from), restricts(to)) {
        (false, true) => NEWLY_RESTRICTED,
        (true, false) => NEWLY_FREED,
        (true, true) if from < to => STRICTER,
        (true, true) if from > to => MILDER,
        _ => UNCHANGED,
    }
}

/// Whether each person met a case within the last days.
fn met_lately(people: &People, now: Seconds) -> Vec<bool> {
    let mut met = vec![false; people.len()];
    for (person, during) in &people.meetings {
        if during.from <= now && now <= during.until.saturating_add(CONTACT_MATTERS) {
            met[*person as usize] = true;
        }
    }
    met
}

const _: () = assert!(CHANGES == NEWLY_FREED as usize + 1);
