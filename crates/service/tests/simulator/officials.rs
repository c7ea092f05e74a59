//! What officers, and the operator with the keys, do.

use domain::{Colour, Level, Policy, RegionLevel};
use service::{AppealDecision, OrderRequest, Publisher, ServiceError, Subject};

use crate::city::{POLICY, hangzhou};
use crate::key_folder::key;
use crate::offices::fresh;
use crate::operations::{Node, Published};
use crate::wishes::HIGH_RISK;
use crate::world::World;

/// An order ends within so many hours (invariant 2).
const LONGEST_ORDER: u8 = 72;

impl World {
    /// An officer who submitted nothing answers an appeal.
    pub async fn answer_appeal(&mut self, node: Node, which: u8, withdraws: bool) {
        let open = &self.model.appeals;
        if open.is_empty() {
            return;
        }
        let place = usize::from(which) % open.len();
        let (person, id) = (open[place].person, open[place].id);
        let service = self.node(node);
        let judge = fresh(&service, &self.city.operator, self.judge).await;
        let decision = AppealDecision {
            reasons: "The shop says the phone was your sister's.".to_owned(),
            withdraw: match withdraws {
                true => open[place].against.clone(),
                false => Vec::new(),
            },
            add: Vec::new(),
        };
        let withdrawn = decision.withdraw.clone();
        let answered = service.appeals.answer(&judge, person, id, decision).await;
        answered.unwrap();
        self.model.wrote(node);
        self.model.count("an answered appeal");
        self.model.appeals.remove(place);
        for id in withdrawn {
            self.model.is_everybody_traced &= !self.model.cases.contains_key(&id);
            self.model.withdrawn.insert(id);
        }
    }

    /// Two staff members order somebody to stay at home.
    pub async fn order(&mut self, node: Node, who: u8, hours: u8) {
        let Some(of) = self.model.person(who) else {
            return;
        };
        let person = self.model.people[of].id;
        let (service, operator) = (self.node(node), &self.city.operator);
        let officer = fresh(&service, operator, self.city.health.id()).await;
        let approver = fresh(&service, operator, self.city.founders.approver).await;
        let request = OrderRequest {
            request: Some(self.city.key()),
            people: vec![Subject::Person(person)],
            colour: Colour::Red,
            from: self.city.now(),
            until: self.city.ago(-i64::from(hours)),
            basis: "Epidemic Act, article 39".to_owned(),
        };
        self.model.wrote(node);
        let proposed = match service.orders.propose(&officer, request).await {
            Ok(proposed) => proposed,
            Err(ServiceError::BadField { field: "until", .. }) if hours > LONGEST_ORDER => return,
            // Those above the day's cap wait.
            Err(ServiceError::TooManyWaiting { .. }) => return,
            Err(error) => panic!("{error}"),
        };
        assert!(
            hours <= LONGEST_ORDER,
            "invariant 2: an order of {hours} hours"
        );
        let id = proposed.id;
        let alone = service.orders.approve(&officer, id, "seen").await;
        assert!(alone.is_err(), "invariant 2: approved by who proposed it");
        match service.orders.approve(&approver, id, "seen").await {
            // How many it turned; they may have been red before.
            Ok(turned) => assert!(turned <= 1),
            // So many a day.
            Err(ServiceError::BadField {
                field: "people", ..
            }) => return,
            Err(error) => panic!("{error}"),
        }
        self.model.count("an order");
        *self.model.orders.entry(person).or_default() += 1;
    }

    /// The operator puts another key into the folder, which the nodes find when they look.
    pub fn rotate_key(&mut self, is_stolen: bool) {
        self.keys += 1;
        let number = 50 + self.keys;
        self.city.keys.change(|content| {
            let is_own = |issuer| issuer == hangzhou();
            let own = content.trusted.iter().find(|one| is_own(one.issuer));
            let mut next = own.unwrap().clone();
            next.key = key(number).public_key().clone();
            if is_stolen {
                content.trusted.retain(|one| !is_own(one.issuer));
            }
            content.trusted.push(next);
            content.issuer = number;
            content.freshness = 100 + number;
        });
    }

    /// Two staff members publish something.
    pub async fn publish(&mut self, node: Node, what: Published) {
        let (service, operator) = (self.node(node), &self.city.operator);
        let author = fresh(&service, operator, self.city.health.id()).await;
        let approver = fresh(&service, operator, self.city.founders.approver).await;
        let publisher = Publisher::of_two(&author, &approver, self.city.now()).unwrap();
        let publishing = &service.publishing;
        match what {
            Published::Policy {
                first_ring_is_red,
                reads_visits,
                in_hours,
            } => {
                let effective = self.city.ago(-i64::from(in_hours));
                let version = self.model.policies.len() + 1;
                let mut text = POLICY
                    .replace("version = 1\n", &format!("version = {version}\n"))
                    .replace("2020-02-01T00:00:00+08:00", &effective.to_string());
                if !first_ring_is_red {
                    text = text.replacen(FIRST_RING_RED, FIRST_RING_YELLOW, 1);
                }
                if !reads_visits {
                    let rules = text
                        .split("[[rule]]")
                        .filter(|rule| !rule.contains(READS_VISITS));
                    text = rules.collect::<Vec<_>>().join("[[rule]]");
                }
                publishing.publish_policy(&publisher, &text).await.unwrap();
                self.model.policies.push(Policy::parse(&text).unwrap());
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
                publishing.publish_levels(&publisher, levels).await.unwrap();
                self.model.levels.push(level);
                self.model.is_everybody_decided = false;
            }
        }
        self.model.wrote(node);
        self.model.count("a publication");
    }
}

const FIRST_RING_RED: &str = "gives = \"red\"\nstarts = \"last\"";
const FIRST_RING_YELLOW: &str = "gives = \"yellow\"\nstarts = \"last\"";
const READS_VISITS: &str = "reads = \"visit\"";
