//! The city, its two nodes, and how an operation is carried out.

use std::path::PathBuf;
use std::sync::Arc;

use domain::{AuthorityKind, Role, StaffId, VenueId};
use jiff::SignedDuration;
use service::{Mirror, NewScanner, NewVenue, Resident, ScannerPass, Service};
use store::Store;
use tempfile::TempDir;

use crate::base::Base;
use crate::city::{City, POLICY, Seeded};
use crate::invariants;
use crate::model::Model;
use crate::operations::{Line, Node, Operation, Time, Worker};
use crate::requests::{Answer, Request};

/// A receipt is kept for so long.
const RECEIPTS_LAST: SignedDuration = SignedDuration::from_hours(24);
/// A mirror is written anew once it is so old.
const MIRRORED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// A city with two nodes, and what it promised.
pub struct World {
    pub city: City,
    pub second: Arc<Service>,
    /// The database, read past the service.
    pub record: Store,
    pub model: Model,
    /// Where people go.
    pub venues: Vec<VenueId>,
    pub door: Door,
    /// The officer who answers appeals.
    pub judge: StaffId,
    /// What the log was seen to say last.
    pub log_seen: Option<credential::log::Checkpoint>,
    /// How many issuer keys there were.
    pub keys: u8,
    /// Where the mirror lies.
    mirrored: TempDir,
}

/// A place with a scanner.
pub struct Door {
    pub venue: VenueId,
    pub pass: ScannerPass,
}

impl World {
    /// A city as the stories found it, with places, a scanner, a second office and a second node.
    pub async fn found(base: Arc<Base>) -> Self {
        let city = City::found(base).await;
        let venues = vec![
            city.venue("Teahouse", None).await,
            city.venue("Port", Some("port")).await,
        ];
        let door = Door::open(&city).await;
        let judge = city.officer_of("Commission of Appeals").await.id();
        let second = city.another_node().await;
        let record = Store::open(&city.base.url, &Seeded::new(9)).await.unwrap();
        let policy = domain::Policy::parse(POLICY).unwrap();
        let mut model = Model::of(policy, city.now());
        for node in Node::BOTH {
            model.followed(node);
        }
        let world = Self {
            city,
            second,
            record,
            model,
            venues,
            door,
            judge,
            log_seen: None,
            keys: 0,
            mirrored: tempfile::tempdir().unwrap(),
        };
        for node in Node::BOTH {
            world.keep_mirror(&world.node(node)).await;
        }
        world
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
            Operation::Prove(node, who) => self.prove_phone(node, who).await,
            Operation::Answer {
                node,
                which,
                withdraws,
            } => self.answer_appeal(node, which, withdraws).await,
            Operation::Order(node, who, hours) => self.order(node, who, hours).await,
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
        let last = [
            Worker::Follow,
            Worker::Traces,
            Worker::Everybody,
            Worker::Sweep,
        ];
        for node in Node::BOTH {
            for worker in last {
                self.work(node, worker).await;
            }
        }
        self.work(Node::One, Worker::Audit).await;
        self.work(Node::One, Worker::Follow).await;
        invariants::hold(self).await;
    }

    /// Asks over a line, until there is an answer.
    async fn ask(&mut self, node: Node, line: Line, request: Request) {
        let spared = request.never_makes_worse(&self.model.people);
        let before = match spared {
            Some(person) => Some(invariants::decided_now(self, person).await),
            None => None,
        };
        let mut node = node;
        self.model.wrote(node);
        match line {
            Line::Good => {}
            Line::HungUp(cut) => request.hang_up(self.node(node), cut).await,
            Line::Died(cut) => {
                request.hang_up(self.node(node), cut).await;
                self.crash(node).await;
            }
            Line::OtherNode(cut) => {
                request.hang_up(self.node(node), cut).await;
                node = node.other();
                self.model.wrote(node);
            }
        }
        let answer = request.ask_until_answered(&self.node(node)).await;
        if let (Request::Door { scan, of, .. }, Answer::Refused(_)) = (&request, &answer) {
            // Before it was cut off it may have been taken, by a key that is trusted no more.
            let at_doors = self.model.at_doors.entry(*of).or_default();
            at_doors.push((scan.venue, scan.at));
        }
        self.model.note(&request, &answer, self.city.now());
        if let (Some(person), Some(before)) = (spared, before) {
            let after = invariants::decided_now(self, person).await;
            invariants::a_colour_got_no_worse(&request, &before, &after);
        }
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
            // The officer who asks so late has signed in again.
            Request::Confirm { report, .. } => Request::Confirm {
                by: self.city.officer().await,
                report,
            },
            other => other,
        };
        let answer = request.ask_until_answered(&self.node(node)).await;
        self.model.wrote(node);
        self.model.count("asked again");
        let is_door = matches!(request, Request::Door { .. });
        if is_door && matches!(answer, Answer::Refused(_)) {
            // Its key was stolen meanwhile, or its place given away.
            return;
        }
        assert_eq!(answer, first.answer, "invariant 6: {request:?} asked again");
    }

    /// Who holds a token.
    pub async fn resident(&self, node: Node, of: usize) -> Resident {
        let token = &self.model.people[of].token;
        self.node(node).access.resident(token).await.unwrap()
    }

    fn pass(&mut self, time: Time) {
        let by = match time {
            Time::Seconds(count) => SignedDuration::from_secs(count.into()),
            Time::Minutes(count) => SignedDuration::from_mins(count.into()),
            Time::Hours(count) => SignedDuration::from_hours(count.into()),
        };
        self.city.pass(by);
        self.model.time_passed(self.city.now());
    }

    async fn crash(&mut self, node: Node) {
        let service = self.city.another_node().await;
        self.keep_mirror(&service).await;
        match node {
            Node::One => self.city.service = service,
            Node::Two => self.second = service,
        }
        self.model.followed(node);
        self.model.count("a crash");
    }

    async fn keep_mirror(&self, service: &Service) {
        let store = Store::open(&self.city.base.url, &Seeded::new(7)).await;
        let (clock, ids) = (Arc::clone(&self.city.clock), Arc::clone(&self.city.ids));
        let folder: PathBuf = self.mirrored.path().join("mirror");
        let mirror = Mirror::new(Arc::new(store.unwrap()), &folder, clock as _, ids as _);
        let mirror = Arc::new(mirror.with_pages_of(4));
        service.mirror.keep(mirror, MIRRORED_EVERY);
    }
}

impl Door {
    async fn open(city: &City) -> Self {
        let office = city.office(AuthorityKind::Community, "Street Office");
        let roles = [Role::CheckpointLead, Role::VenueOwner];
        let lead = city.hire(&office.await, "Mr Guan", &roles).await;
        let venue = NewVenue {
            id: None,
            name: "Library".to_owned(),
            category: None,
            region: None,
            sign: None,
        };
        let venue = city
            .service
            .visits
            .put_venue(&lead, venue)
            .await
            .unwrap()
            .id;
        let scanner = NewScanner {
            name: "North gate".to_owned(),
            venue: Some(venue),
        };
        let scanners = &city.service.scanners;
        let square = scanners.make(&lead, scanner).await.unwrap();
        let (pass, _) = scanners.enrol(&square.pass).await.unwrap();
        Self { venue, pass }
    }
}
