//! The authorities of the city, who works there, and their machines.

use std::sync::Arc;

use domain::{Authority, AuthorityKind, Colour, FeedId, ProposalId, Region, Role, StaffId};
use jiff::SignedDuration;
use service::{
    FeedWish, Invitation, NewFeed, NewMember, Operator, OrderRequest, Publisher, Service, Staff,
    Submitter, Token,
};

use crate::city::{City, Persona, hangzhou};

/// The first two staff members: everyone after them is proposed by one and approved by the other.
pub struct Founders {
    pub administrator: StaffId,
    pub approver: StaffId,
}

impl Founders {
    /// One from the command line, the second with the operator as second person.
    pub async fn of(service: &Arc<Service>, operator: &Operator, office: &Authority) -> Self {
        let member = |name: &str, roles: &[Role]| NewMember {
            authority: office.id,
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
            regions: "CN".parse().unwrap(),
        };
        let first = member("Dr Mei", &[Role::Administrator]);
        let invitation = service.staff.invite_first(operator, first).await.unwrap();
        let invitation = Invitation::Whole(invitation);
        let accepted = service.staff.accept_at_one_press(operator, &invitation);
        let administrator = accepted.await.unwrap();
        let admin = fresh(service, operator, administrator).await;
        let second = member("Dr Zhao", &[Role::Approver]);
        let proposed = service.staff.propose_member(&admin, second).await;
        let (proposed, half) = proposed.unwrap();
        let approved = service.staff.approve_second(operator, proposed.id);
        let invitation = Invitation::Halves(half, approved.await.unwrap());
        let accepted = service.staff.accept_at_one_press(operator, &invitation);
        Self {
            administrator,
            approver: accepted.await.unwrap(),
        }
    }
}

/// A staff member who signed in just now.
pub async fn fresh(service: &Service, operator: &Operator, id: StaffId) -> Staff {
    let signed_in = service.staff.sign_in_at_one_press(operator, id);
    let token = signed_in.await.unwrap();
    service.access.staff(&token).await.unwrap()
}

/// A machine of one's own office is there at once.
pub fn made(wish: service::Result<FeedWish>) -> (FeedId, Token) {
    match wish {
        Ok(FeedWish::Made(id, token)) => (id, token),
        other => panic!("{other:?}"),
    }
}

impl City {
    /// A staff member who signed in just now.
    pub async fn fresh(&self, id: StaffId) -> Staff {
        fresh(&self.service, &self.operator, id).await
    }

    /// The officer of the health authority, signed in just now.
    pub async fn officer(&self) -> Staff {
        self.fresh(self.health.id()).await
    }

    /// The administrator, signed in just now.
    pub async fn administrator(&self) -> Staff {
        self.fresh(self.founders.administrator).await
    }

    /// The second person, signed in just now.
    pub async fn approver(&self) -> Staff {
        self.fresh(self.founders.approver).await
    }

    /// Two staff members who publish together.
    pub async fn publisher(&self) -> Publisher {
        let (author, approver) = (self.fresh(self.health.id()).await, self.approver().await);
        Publisher::of_two(&author, &approver, self.now()).unwrap()
    }

    /// An authority called so, added on first use.
    pub async fn office(&self, kind: AuthorityKind, name: &str) -> Authority {
        self.office_in(kind, name, hangzhou()).await
    }

    /// The same, in a region.
    pub async fn office_in(&self, kind: AuthorityKind, name: &str, region: Region) -> Authority {
        let known = self.service.access.authorities().await.unwrap();
        if let Some(known) = known.into_iter().find(|known| known.name == name) {
            return known;
        }
        let access = &self.service.access;
        let added = access.add_authority(&self.operator, kind, name, region);
        added.await.unwrap()
    }

    /// Somebody at an office, signed in just now; on first use proposed by one and approved by another.
    pub async fn hire(&self, office: &Authority, name: &str, roles: &[Role]) -> Staff {
        let member = NewMember {
            authority: office.id,
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
            regions: [office.region].into_iter().collect(),
        };
        let staff = &self.service.staff;
        let admin = self.administrator().await;
        let known = staff.members(&admin).await.unwrap();
        let known = known
            .into_iter()
            .find(|one| one.authority.id == office.id && one.name == name);
        if let Some(known) = known {
            assert_eq!(
                known.roles, member.roles,
                "{name} is there for something else"
            );
            return self.fresh(known.id).await;
        }
        let proposed = staff.propose_member(&admin, member);
        let (proposed, half) = proposed.await.unwrap();
        let approver = self.approver().await;
        let approved = staff.approve_member(&approver, proposed.id, "interviewed");
        let invitation = Invitation::Halves(half, approved.await.unwrap().unwrap());
        let accepted = staff.accept_at_one_press(&self.operator, &invitation);
        self.fresh(accepted.await.unwrap()).await
    }

    /// A health officer of an office called so, with every role that officers have.
    pub async fn officer_of(&self, name: &str) -> Staff {
        let office = self.office(AuthorityKind::Health, name).await;
        self.hire(&office, "Dr Wu", &OFFICER).await
    }

    /// A machine of an office, with every kind of evidence that it may submit.
    pub async fn feed(&self, kind: AuthorityKind, name: &str) -> Submitter {
        self.feed_reporting_of(kind, name, "").await
    }

    /// The same, for what lies in other regions too.
    pub async fn feed_reporting_of(
        &self,
        kind: AuthorityKind,
        name: &str,
        regions: &str,
    ) -> Submitter {
        let office = self.office(kind, name).await;
        let feed = NewFeed {
            authority: office.id,
            name: format!("machine {}", FeedId::generate(&*self.ids)),
            kinds: Vec::new(),
            regions: regions.parse().unwrap(),
            rate_per_minute: 1000,
            lasts: SignedDuration::from_hours(24 * 366),
            public_key: None,
        };
        let staff = &self.service.staff;
        let made = staff.make_feed_as_operator(&self.operator, feed).await;
        let token = made.unwrap().1;
        self.service.access.submitter(&token).await.unwrap()
    }
}

/// What an officer of the stories is there to do.
pub const OFFICER: [Role; 4] = [
    Role::HealthOfficer,
    Role::PolicyAuthor,
    Role::Tracer,
    Role::VenueOwner,
];

impl City {
    /// Two staff members order somebody to stay at home for so many hours, from now on.
    pub async fn ordered(&self, who: &Persona, hours: i64) -> ProposalId {
        let request = OrderRequest {
            request: None,
            people: vec![who.subject()],
            colour: Colour::Red,
            from: self.now(),
            until: self.now() + SignedDuration::from_hours(hours),
            basis: "Epidemic Act, article 39".to_owned(),
        };
        let officer = self.fresh(self.health.id()).await;
        let orders = &self.service.orders;
        let id = orders.propose(&officer, request).await.unwrap().id;
        let approver = self.approver().await;
        orders.approve(&approver, id, "seen").await.unwrap();
        id
    }
}
