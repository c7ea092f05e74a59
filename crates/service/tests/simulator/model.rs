//! What was acknowledged, and to whom.

use std::collections::{BTreeMap, BTreeSet};

use credential::{FreshTrustList, StatusLists};
use domain::{
    AppealId, EvidenceId, PersonId, Policy, RegionLevel, RegionLevels, Status, Timestamp, VenueId,
};
use service::{IssuedCode, Token};

use crate::city::Phone;
use crate::operations::Node;
use crate::requests::{Answer, Request};

/// What the world was promised.
#[derive(Default)]
pub struct Model {
    /// Who has an account.
    pub people: Vec<Person>,
    /// What was acknowledged as evidence about somebody, visits aside.
    pub said: BTreeMap<PersonId, BTreeSet<EvidenceId>>,
    /// What was acknowledged as taken back.
    pub withdrawn: BTreeSet<EvidenceId>,
    /// Diagnoses of cases, and of whom.
    pub cases: BTreeMap<EvidenceId, PersonId>,
    /// Visits that were acknowledged.
    pub visits: BTreeMap<PersonId, Vec<(VenueId, Timestamp)>>,
    /// Visits that a door recorded, which are kept if they fit what else is known.
    pub at_doors: BTreeMap<PersonId, Vec<(VenueId, Timestamp)>>,
    /// Appeals that nobody answered.
    pub appeals: Vec<OpenAppeal>,
    /// Orders that two staff members agreed on.
    pub orders: BTreeMap<PersonId, usize>,
    /// What happened how often.
    pub tally: BTreeMap<&'static str, u32>,
    /// What was answered, in order.
    pub answered: Vec<Answered>,
    /// Codes that somebody holds.
    pub codes: Vec<HeldCode>,
    /// Published policies, the newest last.
    pub policies: Vec<Policy>,
    /// Published levels, the newest last.
    pub levels: Vec<RegionLevel>,
    /// Whether everybody was decided under what is in force.
    pub is_everybody_decided: bool,
    /// Whether contacts were found for every case, and taken back for every withdrawn one.
    pub is_everybody_traced: bool,
    /// Which nodes know all that was written.
    knowing: BTreeSet<Node>,
    /// How many operations there were.
    pub step: u32,
    /// A checkpoint without a network.
    pub offline: Option<Offline>,
    /// The version of the policy in force at the last step.
    in_force: Option<u32>,
}

/// Somebody with an account.
pub struct Person {
    pub id: PersonId,
    pub token: Token,
    /// Whether they declared when they registered.
    pub declared_at_once: bool,
    pub phone: Option<Phone>,
    /// As of the last step.
    pub status: Option<Status>,
    /// The step at which it last got worse.
    pub worse_at: u32,
}

/// A request and its first answer.
#[derive(Clone)]
pub struct Answered {
    pub request: Request,
    pub answer: Answer,
    pub at: Timestamp,
}

/// An appeal that nobody answered.
pub struct OpenAppeal {
    pub person: PersonId,
    pub id: AppealId,
    pub against: Vec<EvidenceId>,
}

/// A code that somebody holds.
pub struct HeldCode {
    pub person: PersonId,
    /// The place in [`Model::people`].
    pub of: usize,
    pub code: IssuedCode,
}

/// What a checkpoint without a network knows.
pub struct Offline {
    pub trust: FreshTrustList,
    pub lists: StatusLists,
    pub fetched_at: Timestamp,
    pub step: u32,
}

impl Model {
    /// Nothing was acknowledged yet, and one policy is in force.
    pub fn of(policy: Policy, now: Timestamp) -> Self {
        let mut model = Self {
            policies: vec![policy],
            ..Self::default()
        };
        model.time_passed(now);
        model.is_everybody_decided = true;
        model.is_everybody_traced = true;
        model
    }

    /// What is in force at `now`: of the policies whose date has come, the one with the last date, and of
    /// equal dates the one published last.
    pub fn policy(&self, now: Timestamp) -> &Policy {
        let begun = self.policies.iter().filter(|one| one.effective() <= now);
        begun.max_by_key(|one| one.effective()).unwrap()
    }

    /// The levels in force.
    pub fn region_levels(&self) -> RegionLevels {
        RegionLevels::new(self.levels.iter().cloned())
    }

    /// Takes note that time passed: a policy may have taken over.
    pub fn time_passed(&mut self, now: Timestamp) {
        let version = self.policy(now).reference().version;
        if self.in_force.replace(version) != Some(version) {
            self.is_everybody_decided = false;
        }
    }

    /// A node wrote; the other one learns of it when it follows.
    pub fn wrote(&mut self, node: Node) {
        self.knowing.remove(&node.other());
    }

    /// A node knows all that was written.
    pub fn followed(&mut self, node: Node) {
        self.knowing.insert(node);
    }

    /// Whether a node knows all that was written.
    pub fn knows(&self, node: Node) -> bool {
        self.knowing.contains(&node)
    }

    /// One of the people, counted round.
    pub fn person(&self, pick: u8) -> Option<usize> {
        let count = self.people.len();
        (count > 0).then(|| usize::from(pick) % count)
    }

    /// Counts something that happened.
    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// Everybody about whom something is kept.
    pub fn everybody(&self) -> BTreeSet<PersonId> {
        let accounts = self.people.iter().map(|one| one.id);
        accounts.chain(self.said.keys().copied()).collect()
    }

    /// Takes note of an answer.
    pub fn note(&mut self, request: &Request, answer: &Answer, now: Timestamp) {
        match answer {
            Answer::Registered { person, token } => self.people.push(Person {
                id: *person,
                token: token.parse().unwrap(),
                declared_at_once: request.declares_at_once(),
                phone: None,
                status: None,
                worse_at: 0,
            }),
            Answer::Said { accepted, .. } => {
                for (person, id) in accepted {
                    self.said.entry(*person).or_default().insert(*id);
                }
            }
            Answer::Confirmed { person, diagnosis } => {
                self.said.entry(*person).or_default().insert(*diagnosis);
                if self.cases.insert(*diagnosis, *person).is_none() {
                    self.is_everybody_traced = false;
                }
            }
            Answer::Withdrawn { taken_back } => {
                self.withdrawn.insert(*taken_back);
                self.is_everybody_traced &= !self.cases.contains_key(taken_back);
            }
            Answer::Appealed {
                person,
                id,
                against,
            } => self.appeals.push(OpenAppeal {
                person: *person,
                id: *id,
                against: against.clone(),
            }),
            Answer::LetIn { person, visit } => {
                self.at_doors.entry(*person).or_default().push(*visit);
                self.is_everybody_traced = false;
            }
            Answer::Visited { person, visit } => {
                self.visits.entry(*person).or_default().push(*visit);
                self.is_everybody_traced = false;
            }
            Answer::Refused(why) => {
                self.count(why);
                return;
            }
        }
        self.count(request.name());
        self.answered.push(Answered {
            request: request.clone(),
            answer: answer.clone(),
            at: now,
        });
    }
}

impl Node {
    pub const BOTH: [Self; 2] = [Self::One, Self::Two];

    pub fn other(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two => Self::One,
        }
    }
}
