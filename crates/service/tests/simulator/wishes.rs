//! What a wish is as a request.

use domain::evidence::{
    OpenPeriod, Period, Relation, Ring, StayMode, StaySource, Symptom, Symptoms, TestKind,
    TestResult,
};
use domain::{Fact, PersonId, RequestKey};
use jiff::SignedDuration;
use service::{
    AppealRequest, CaseReport, Declaration, DoorScan, Item, Scan, Subject, Submission, Submitter,
};

use crate::city::well;
use crate::operations::{Saying, Wish};
use crate::requests::Request;
use crate::world::World;

/// Whose documents people have.
const NAMES: [&str; 5] = ["An", "Bo", "Cai", "Dan", "En"];
/// More accounts make each step slow and find nothing more.
const MOST_PEOPLE: usize = 7;
/// Where the level may be high.
pub const HIGH_RISK: &str = "420102";

impl World {
    /// What a wish is as a request; `None` if there is nobody or nothing that it could be about.
    pub async fn request(&self, wish: Wish) -> Option<Request> {
        let key = self.city.key();
        let token = |who| Some(self.model.people[self.model.person(who)?].token.clone());
        Some(match wish {
            Wish::Register { document, declares } => {
                if self.model.people.len() >= MOST_PEOPLE {
                    return None;
                }
                let request = self.city.registration(name(document), declares.then(well));
                Request::Register(Box::new(request))
            }
            Wish::Declare { who, coughs } => Request::Declare {
                token: token(who)?,
                key,
                declaration: Declaration {
                    symptoms: match coughs {
                        true => Symptoms::from_iter([Symptom::Cough]),
                        false => Symptoms::NONE,
                    },
                    ..well()
                },
            },
            Wish::Submit { who, what } => {
                self.submission(key, Subject::Person(self.id(who)?), what)
            }
            Wish::SubmitByDocument { document, what } => {
                let holder = self.city.registration(name(document), None).identity;
                self.submission(key, Subject::Document(holder.document), what)
            }
            Wish::Withdraw { which } => {
                let said = self.model.said.iter();
                let all: Vec<_> = said
                    .flat_map(|(person, ids)| ids.iter().map(move |id| (*person, *id)))
                    .filter(|(_, id)| !self.model.withdrawn.contains(id))
                    .collect();
                let (person, evidence) = *all.get(usize::from(which) % all.len().max(1))?;
                Request::Withdraw {
                    by: self.city.health.submitter().clone(),
                    subject: Subject::Person(person),
                    evidence,
                }
            }
            Wish::Confirm { who } => Request::Confirm {
                by: self.city.officer().await,
                report: CaseReport {
                    request: Some(key),
                    subject: Subject::Person(self.id(who)?),
                    found_at: Some(self.city.now()),
                    onset: None,
                    is_asymptomatic: false,
                },
            },
            Wish::Visit {
                who,
                venue,
                hours_ago,
                minutes,
            } => {
                let entered = self.city.ago(i64::from(hours_ago));
                let left = entered + SignedDuration::from_mins(i64::from(minutes));
                Request::Upload {
                    token: token(who)?,
                    scan: Scan {
                        sign: None,
                        id: key,
                        venue: self.venues[usize::from(venue) % self.venues.len()],
                        entered,
                        left: Some(left.min(self.city.now())),
                    },
                }
            }
            Wish::CheckIn { who, venue } => Request::CheckIn {
                token: token(who)?,
                venue: self.venues[usize::from(venue) % self.venues.len()],
                key,
            },
            Wish::Appeal { who } => Request::Appeal {
                token: token(who)?,
                appeal: AppealRequest {
                    request: Some(key),
                    against: Vec::new(),
                    why: "I was not there; my sister had my phone.".to_owned(),
                    file: None,
                },
            },
            Wish::Door { code, measures } => {
                let held = &self.model.codes;
                let held = held.get(usize::from(code) % held.len().max(1))?;
                Request::Door {
                    pass: self.door.pass.clone(),
                    scan: DoorScan {
                        request: key,
                        code: self.text_of(held),
                        venue: self.door.venue,
                        at: self.city.now(),
                        temperature: measures.then(|| "41.5".parse().unwrap()),
                    },
                    of: held.person,
                }
            }
        })
    }

    fn id(&self, who: u8) -> Option<PersonId> {
        Some(self.model.people[self.model.person(who)?].id)
    }

    fn submission(&self, key: RequestKey, subject: Subject, what: Saying) -> Request {
        let (by, fact) = self.saying(what);
        let said = fact.into();
        let submission = Submission {
            request: Some(key),
            content: None,
            items: vec![Item { subject, said }],
        };
        Request::Submit { by, submission }
    }

    /// Who says it, and what that is as a fact.
    fn saying(&self, what: Saying) -> (Submitter, Fact) {
        let health = self.city.health.submitter().clone();
        match what {
            Saying::Contact { ring, hours_ago } => {
                let (first, last) = (i64::from(hours_ago) + 1, i64::from(hours_ago));
                let period = Period::new(self.city.ago(first), self.city.ago(last)).unwrap();
                let ring = match ring {
                    1 => Ring::FIRST,
                    _ => Ring::SECOND,
                };
                let fact = Fact::contact(None, Relation::Close, ring, period, Some(60));
                (health, fact)
            }
            Saying::Test {
                is_negative,
                hours_ago,
            } => {
                let result = match is_negative {
                    true => TestResult::Negative,
                    false => TestResult::Positive,
                };
                let sampled = self.city.ago(i64::from(hours_ago));
                let sampled = OpenPeriod::new(sampled, Some(self.city.now())).unwrap();
                let fact = Fact::test(TestKind::Pcr, result, sampled, None);
                (self.city.laboratory.clone(), fact)
            }
            Saying::Stay { hours_ago } => {
                let since = self.city.ago(i64::from(hours_ago) + 10);
                let until = self.city.ago(i64::from(hours_ago));
                let period = OpenPeriod::new(since, Some(until)).unwrap();
                let region = HIGH_RISK.parse().unwrap();
                let source = StaySource::Hotel;
                (health, Fact::stay(region, period, StayMode::Stay, source))
            }
        }
    }
}

fn name(document: u8) -> &'static str {
    NAMES[usize::from(document) % NAMES.len()]
}
