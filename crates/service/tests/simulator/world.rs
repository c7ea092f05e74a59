//! The city, its two nodes, and how an operation is carried out.

use std::sync::Arc;

use credential::StatusLists;
use domain::evidence::{
    Fact, OpenPeriod, Period, Relation, Ring, StayMode, StaySource, Symptom, Symptoms, TestKind,
    TestResult,
};
use domain::{Clock, IdSource, Level, RegionLevel, VenueId};
use jiff::SignedDuration;
use service::{
    CaseReport, Declaration, IssuedCode, Item, Publisher, Resident, Scan, Service, ServiceError,
    Subject, Submission, Submitter, credential::HolderKey,
};
use store::Store;

use crate::base::Base;
use crate::city::{City, POLICY, Phone, Seeded, well};
use crate::invariants;
use crate::model::{HeldCode, Model, Offline};
use crate::offices::fresh;
use crate::operations::{Line, Node, Operation, Published, Saying, Shown, Time, Wish, Worker};
use crate::requests::Request;

/// Whose documents people have.
const NAMES: [&str; 5] = ["An", "Bo", "Cai", "Dan", "En"];
/// More accounts make each step slow and find nothing more.
const MOST_PEOPLE: usize = 7;
/// So many codes are shown at every step.
const MOST_CODES: usize = 16;
/// A receipt is kept for so long.
const RECEIPTS_LAST: SignedDuration = SignedDuration::from_hours(24);

/// A city with two nodes, and what it promised.
pub struct World {
    pub city: City,
    pub second: Arc<Service>,
    pub record: Store,
    pub model: Model,
    venues: Vec<VenueId>,
    /// What the log was seen to say last.
    pub log_seen: Option<credential::log::Checkpoint>,
    /// The number of the last issuer key.
    issuer: u8,
}

impl World {
    /// A city as the stories found it, with two venues and a second node.
    pub async fn found(base: Arc<Base>) -> Self {
        let city = City::found(base).await;
        let venues = vec![
            city.venue("Teahouse", None).await,
            city.venue("Port", Some("port")).await,
        ];
        let second = city.another_node().await;
        let record = Store::open(&city.base.url, &Seeded::new(9)).await.unwrap();
        let mut model = Model::of(domain::Policy::parse(POLICY).unwrap(), city.now());
        for node in Node::BOTH {
            model.followed(node);
        }
        Self {
            city,
            second,
            record,
            model,
            venues,
            log_seen: None,
            issuer: crate::key_folder::FIRST,
        }
    }

    pub fn node(&self, node: Node) -> Arc<Service> {
        match node {
            Node::One => Arc::clone(&self.city.service),
            Node::Two => Arc::clone(&self.second),
        }
    }

    /// Carries out one operation.
    pub async fn carry_out(&mut self, operation: &Operation) {
        self.model.step += 1;
        match *operation {
            Operation::Ask(node, line, wish) => {
                if let Some(request) = self.request(wish).await {
                    self.ask(node, line, request).await;
                }
            }
            Operation::AskAgain(node, which) => self.ask_again(node, which).await,
            Operation::TakeCode(node, who, shown) => self.take_code(node, who, shown).await,
            Operation::Look(node, who) => self.look(node, who).await,
            Operation::Fetch(node) => self.fetch(node),
            Operation::Work(node, worker) => self.work(node, worker).await,
            Operation::Pass(time) => self.pass(time),
            Operation::Crash(node) => self.crash(node).await,
            Operation::RotateKey { is_stolen } => self.rotate_key(is_stolen),
            Operation::Publish(node, what) => self.publish(node, what).await,
        }
    }

    /// After the last operation everything that waits is done, and holds.
    pub async fn end(&mut self) {
        for node in Node::BOTH {
            for worker in [
                Worker::Follow,
                Worker::Traces,
                Worker::Everybody,
                Worker::Sweep,
            ] {
                self.work(node, worker).await;
            }
        }
        self.work(Node::One, Worker::Audit).await;
        self.work(Node::One, Worker::Follow).await;
        invariants::hold(self).await;
    }

    /// What a wish is as a request; `None` if there is nobody or nothing that it could be about.
    async fn request(&self, wish: Wish) -> Option<Request> {
        let key = self.city.key();
        Some(match wish {
            Wish::Register { document, declares } => {
                if self.model.people.len() >= MOST_PEOPLE {
                    return None;
                }
                let name = NAMES[usize::from(document) % NAMES.len()];
                let request = self.city.registration(name, declares.then(well));
                Request::Register(Box::new(request))
            }
            Wish::Declare { who, coughs } => Request::Declare {
                token: self.model.people[self.model.person(who)?].token.clone(),
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
                let person = self.model.people[self.model.person(who)?].id;
                let (by, fact) = self.saying(what);
                let items = vec![Item {
                    subject: Subject::Person(person),
                    said: fact.into(),
                }];
                let submission = Submission {
                    request: Some(key),
                    content: None,
                    items,
                };
                Request::Submit { by, submission }
            }
            Wish::Withdraw { which } => {
                let said = self.model.said.iter();
                let all: Vec<_> = said
                    .flat_map(|(person, ids)| ids.iter().map(move |id| (*person, *id)))
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
                    subject: Subject::Person(self.model.people[self.model.person(who)?].id),
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
                    token: self.model.people[self.model.person(who)?].token.clone(),
                    scan: Scan {
                        sign: None,
                        id: key,
                        venue: self.venues[usize::from(venue) % self.venues.len()],
                        entered,
                        left: Some(left.min(self.city.now())),
                    },
                }
            }
        })
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

    /// Asks over a line, until there is an answer.
    async fn ask(&mut self, node: Node, line: Line, request: Request) {
        let mut node = node;
        self.model.wrote(node);
        match line {
            Line::Good => {}
            Line::HungUp(turns) => request.hang_up(self.node(node), turns).await,
            Line::Died(turns) => {
                request.hang_up(self.node(node), turns).await;
                self.crash(node).await;
            }
            Line::OtherNode(turns) => {
                request.hang_up(self.node(node), turns).await;
                node = node.other();
                self.model.wrote(node);
            }
        }
        let answer = request.ask_until_answered(&self.node(node)).await;
        self.model.note(&request, &answer, self.city.now());
    }

    /// Asks again for what was answered lately: the answer is the same, and nothing is added.
    async fn ask_again(&mut self, node: Node, which: u8) {
        let now = self.city.now();
        let answered = self.model.answered.iter();
        let lately: Vec<_> = answered
            .filter(|one| now.duration_since(one.at) < RECEIPTS_LAST)
            .collect();
        let Some(first) = lately.get(usize::from(which) % lately.len().max(1)) else {
            return;
        };
        let first = (*first).clone();
        let request = match first.request {
            // Whoever asks so late has signed in again.
            Request::Confirm { report, .. } => Request::Confirm {
                by: self.city.officer().await,
                report,
            },
            other => other,
        };
        let answer = request.ask_until_answered(&self.node(node)).await;
        assert_eq!(answer, first.answer, "invariant 6: {request:?} asked again");
        self.model.wrote(node);
    }

    async fn resident(&self, node: Node, of: usize) -> Resident {
        let token = &self.model.people[of].token;
        self.node(node).access.resident(token).await.unwrap()
    }

    async fn take_code(&mut self, node: Node, who: u8, shown: Shown) {
        let Some(of) = self.model.person(who) else {
            return;
        };
        let (service, resident) = (self.node(node), self.resident(node, of).await);
        let issued = match shown {
            Shown::Live => self.live_code(&service, &resident, of).await,
            Shown::Plain => service.codes.plain_code(&resident).await,
            Shown::Card => service.codes.card(&resident).await,
        };
        let person = resident.person();
        let code = match issued {
            Ok(code) => code,
            Err(ServiceError::Undeclared) => {
                invariants::nobody_is_left_without_a_code(self, node, person).await;
                return;
            }
            Err(ServiceError::CutOff) => return,
            Err(ServiceError::Signing(why)) if why.contains("older") => return,
            Err(error) => panic!("no code: {error}"),
        };
        invariants::a_code_is_of_the_colour_decided(self, node, person, &code).await;
        self.model.codes.push(HeldCode { person, of, code });
        if self.model.codes.len() > MOST_CODES {
            self.model.codes.remove(0);
        }
    }

    /// A code for today's key of a phone, enrolled where there is none.
    async fn live_code(
        &mut self,
        service: &Service,
        resident: &Resident,
        of: usize,
    ) -> service::Result<IssuedCode> {
        if let Some(phone) = &self.model.people[of].phone {
            let issued = service.codes.live_code(resident, phone.device).await;
            // Its day is over.
            if !matches!(issued, Err(ServiceError::UnknownDevice)) {
                return issued;
            }
        }
        let mut secret = [0; 32];
        self.city.ids.fill(&mut secret);
        let key = HolderKey::from_bytes(secret).unwrap();
        let public = key.public_key().unwrap().to_bytes().to_vec();
        let enrolled = service.codes.enrol(resident, &[public], 0).await?;
        let device = enrolled[0].device;
        self.model.people[of].phone = Some(Phone { device, key });
        service.codes.live_code(resident, device).await
    }

    async fn look(&mut self, node: Node, who: u8) {
        let Some(of) = self.model.person(who) else {
            return;
        };
        let resident = self.resident(node, of).await;
        self.model.wrote(node);
        let report = self
            .node(node)
            .people
            .status(&resident, "en")
            .await
            .unwrap();
        invariants::a_page_says_why_and_until_when(self, node, &report).await;
    }

    /// A checkpoint fetches the trust list and the status lists of a node that is not behind.
    fn fetch(&mut self, node: Node) {
        if !self.model.knows(node) {
            return;
        }
        let service = self.node(node);
        let trust = service.checks.trusted_keys();
        let mut lists = StatusLists::new();
        for number in 0..service.codes.status_lists() {
            let list = service.codes.status_list(number).unwrap();
            lists.add(&list.token, &trust).unwrap();
        }
        self.model.offline = Some(Offline {
            trust,
            lists,
            fetched_at: self.city.now(),
            step: self.model.step,
        });
    }

    async fn work(&mut self, node: Node, worker: Worker) {
        let service = self.node(node);
        match worker {
            Worker::Follow => {
                service.reload_keys().await.unwrap();
                service.notice_other_nodes().await.unwrap();
                service.notice_ended_sessions().await.unwrap();
                self.model.followed(node);
                return;
            }
            Worker::Traces => {
                service.tracing.run_traces().await.unwrap();
                self.model.is_everybody_traced = true;
            }
            Worker::Sweep => {
                service.sweep().await.unwrap();
                self.model.wrote(node);
                invariants::nobodys_verdict_is_due(self, node).await;
            }
            Worker::Everybody => {
                let progress = service.reevaluation.decide_everybody().await.unwrap();
                assert!(progress.is_finished);
                if self.model.knows(node) {
                    self.model.is_everybody_decided = true;
                }
            }
            Worker::Outbox => {
                service.outbox.deliver().await.unwrap();
            }
            Worker::Audit => {
                service.audit.checkpoint().await.unwrap();
                invariants::the_log_is_whole_and_grows(self).await;
            }
            Worker::Leftovers => {
                service.forget_receipts().await.unwrap();
                while service.codes.forget_ended().await.unwrap() {}
            }
        }
        self.model.wrote(node);
    }

    fn pass(&mut self, time: Time) {
        let by = match time {
            Time::Seconds(count) => SignedDuration::from_secs(count.into()),
            Time::Minutes(count) => SignedDuration::from_mins(count.into()),
            Time::Hours(count) => SignedDuration::from_hours(count.into()),
        };
        self.city.pass(by);
        self.model.time_passed(self.city.clock.now());
    }

    async fn crash(&mut self, node: Node) {
        let service = self.city.another_node().await;
        match node {
            Node::One => self.city.service = service,
            Node::Two => self.second = service,
        }
        self.model.followed(node);
    }

    fn rotate_key(&mut self, is_stolen: bool) {
        self.issuer += 1;
        // 5 is another issuer's.
        let seed = self.issuer + 50;
        self.city.keys.change(|content| {
            let own = content
                .trusted
                .iter()
                .position(|one| one.issuer == crate::city::hangzhou());
            let mut next = content.trusted[own.unwrap()].clone();
            next.key = crate::key_folder::key(seed).public_key().clone();
            if is_stolen {
                content
                    .trusted
                    .retain(|one| one.issuer != crate::city::hangzhou());
            }
            content.trusted.push(next);
            content.issuer = seed;
            content.freshness = seed + 100;
        });
    }

    async fn publish(&mut self, node: Node, what: Published) {
        let service = self.node(node);
        let operator = &self.city.operator;
        let author = fresh(&service, operator, self.city.health.id()).await;
        let approver = fresh(&service, operator, self.city.founders.approver).await;
        let publisher = Publisher::of_two(&author, &approver, self.city.now()).unwrap();
        match what {
            Published::Policy {
                first_ring_is_red,
                in_hours,
            } => {
                let effective = self.city.ago(-i64::from(in_hours));
                let version = self.model.policies.len() + 1;
                let text = POLICY
                    .replace("version = 1\n", &format!("version = {version}\n"))
                    .replace("2020-02-01T00:00:00+08:00", &effective.to_string());
                let text = match first_ring_is_red {
                    true => text,
                    false => text.replacen(FIRST_RING_RED, FIRST_RING_YELLOW, 1),
                };
                let published = service.publishing.publish_policy(&publisher, &text).await;
                published.unwrap();
                self.model
                    .policies
                    .push(domain::Policy::parse(&text).unwrap());
                self.model.time_passed(self.city.now());
            }
            Published::Level { is_high } => {
                let level = RegionLevel {
                    region: HIGH_RISK.parse().unwrap(),
                    level: match is_high {
                        true => Level::High,
                        false => Level::Low,
                    },
                    from: self.city.ago(24 * 30),
                    until: None,
                };
                let levels = std::slice::from_ref(&level);
                let published = service.publishing.publish_levels(&publisher, levels).await;
                published.unwrap();
                self.model.levels.push(level);
                self.model.is_everybody_decided = false;
            }
        }
        self.model.wrote(node);
    }
}

const HIGH_RISK: &str = "420102";
const FIRST_RING_RED: &str = "gives = \"red\"\nstarts = \"last\"";
const FIRST_RING_YELLOW: &str = "gives = \"yellow\"\nstarts = \"last\"";
