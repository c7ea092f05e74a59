//! The authorities of the city: who works there, and their machines.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::{AuthorityId, AuthorityKind, Role, StaffId};
use jiff::SignedDuration;
use service::{Invitation, NewFeed, NewMember, Operator, Service, Token};

use super::City;
use crate::settings::{Officer, Words};

/// Who works at the city health office.
pub(super) struct Offices {
    health: AuthorityId,
    /// Proposes staff members.
    administrator: StaffId,
    /// The second person.
    pub(super) approver: StaffId,
    /// Confirms cases, and what else officers do.
    pub(super) officer: StaffId,
    /// What the browser of a staff member presents, by the token of their program.
    browsers: Mutex<HashMap<String, String>>,
}

/// Who runs the tests.
pub(super) fn operator() -> Operator {
    Operator::at_the_command_line("test")
}

/// Somebody who signs in at one press, in the demonstration.
pub(super) fn on_the_pages(key: &str, staff: StaffId, name: Words) -> Officer {
    Officer {
        key: key.to_owned(),
        staff,
        about: name.clone(),
        name,
    }
}

impl Offices {
    /// The first from the command line, the second with the operator, the others by those two.
    pub(super) async fn found(service: &Service) -> Self {
        let operator = operator();
        let (kind, region) = (AuthorityKind::Health, "3301".parse().unwrap());
        let added = service
            .access
            .add_authority(&operator, kind, "City health office", region);
        let health = added.await.unwrap().id;
        let staff = &service.staff;
        let member = |name: &str, roles: &[Role]| NewMember {
            authority: health,
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
            regions: "3301".parse().unwrap(),
        };
        let first = member("Dr Mei", &[Role::Administrator]);
        let invitation = staff.invite_first(&operator, first).await.unwrap();
        let invitation = Invitation::Whole(invitation);
        let accepted = staff.accept_at_one_press(&operator, &invitation);
        let administrator = accepted.await.unwrap();
        let mut offices = Self {
            health,
            administrator,
            approver: administrator,
            officer: administrator,
            browsers: Mutex::default(),
        };
        let second = member(
            "Dr Zhao",
            &[Role::Approver, Role::HealthOfficer, Role::PolicyAuthor],
        );
        let admin = offices.signed_in(service, administrator).await;
        let (proposed, first) = staff.propose_member(&admin, second).await.unwrap();
        let approved = staff.approve_second(&operator, proposed.id).await.unwrap();
        let invitation = Invitation::Halves(first, approved);
        let accepted = staff.accept_at_one_press(&operator, &invitation);
        offices.approver = accepted.await.unwrap();
        let roles = [
            Role::HealthOfficer,
            Role::PolicyAuthor,
            Role::Tracer,
            Role::VenueOwner,
        ];
        offices.officer = offices.add(service, member("Dr Lin", &roles)).await;
        offices
    }

    /// Somebody with one role, at the health office or at one of another kind.
    pub(super) async fn hire(&self, service: &Service, kind: AuthorityKind, role: Role) -> StaffId {
        let authority = match kind {
            AuthorityKind::Health => self.health,
            kind => self.office(service, kind, "Another office").await,
        };
        let admin = self.signed_in(service, self.administrator).await;
        let known = service.staff.members(&admin).await.unwrap();
        let so_called = known.iter().filter(|one| {
            one.authority.id == authority && one.name.starts_with(&format!("The {role}"))
        });
        let name = match so_called.count() {
            0 => format!("The {role}"),
            others => format!("The {role} {}", others + 1),
        };
        let member = NewMember {
            authority,
            name,
            roles: [role].into_iter().collect(),
            regions: "3301".parse().unwrap(),
        };
        self.add(service, member).await
    }

    /// The token of a community worker.
    pub(super) async fn community_worker(&self, service: &Service) -> String {
        let kind = AuthorityKind::Community;
        let member = NewMember {
            authority: self.office(service, kind, "Another office").await,
            name: "Xiao Bai".to_owned(),
            roles: [Role::CommunityWorker].into_iter().collect(),
            regions: "3301".parse().unwrap(),
        };
        let id = self.add(service, member).await;
        self.session(service, id).await
    }

    /// The token of a machine that may submit all that its authority may.
    pub(super) async fn feed(&self, service: &Service, kind: AuthorityKind, name: &str) -> String {
        let feed = NewFeed {
            authority: self.office(service, kind, name).await,
            name: "machine".to_owned(),
            kinds: Vec::new(),
            regions: "3301".parse().unwrap(),
            rate_per_minute: 1000,
            lasts: SignedDuration::from_hours(24),
            public_key: None,
        };
        let operator = operator();
        let made = service.staff.make_feed_as_operator(&operator, feed);
        made.await.unwrap().1.expose()
    }

    /// Somebody signs in; the token of their program. Their browser holds another one.
    pub(super) async fn session(&self, service: &Service, id: StaffId) -> String {
        let operator = operator();
        let session = service.staff.sign_in_at_one_press(&operator, id).await;
        let token = service.staff.token_at_one_press(&operator, id).await;
        let [session, token] = [session, token].map(|one| one.unwrap().expose());
        let mut browsers = self.browsers.lock().unwrap();
        browsers.insert(token.clone(), session);
        token
    }

    /// What the browser presents for the holder of this token; the token itself if it is not one of
    /// these.
    pub(super) fn in_browser(&self, token: &str) -> String {
        let browsers = self.browsers.lock().unwrap();
        browsers
            .get(token)
            .map_or(token, |session| session)
            .to_owned()
    }

    async fn signed_in(&self, service: &Service, id: StaffId) -> service::Staff {
        let token = self.session(service, id).await.parse().unwrap();
        service.access.staff_program(&token).await.unwrap()
    }

    async fn office(&self, service: &Service, kind: AuthorityKind, name: &str) -> AuthorityId {
        let known = service.access.authorities().await.unwrap();
        if let Some(known) = known.iter().find(|known| known.name == name) {
            return known.id;
        }
        let (operator, region) = (operator(), "3301".parse().unwrap());
        let added = service.access.add_authority(&operator, kind, name, region);
        added.await.unwrap().id
    }

    async fn add(&self, service: &Service, member: NewMember) -> StaffId {
        let [first, second] = self.invite(service, member).await;
        let (operator, invitation) = (operator(), Invitation::Halves(first, second));
        let accepted = service.staff.accept_at_one_press(&operator, &invitation);
        accepted.await.unwrap()
    }

    /// Both halves of an invitation.
    async fn invite(&self, service: &Service, member: NewMember) -> [Token; 2] {
        let staff = &service.staff;
        let admin = self.signed_in(service, self.administrator).await;
        let (proposed, first) = staff.propose_member(&admin, member).await.unwrap();
        let approver = self.signed_in(service, self.approver).await;
        let approved = staff.approve_member(&approver, proposed.id, "seen");
        [first, approved.await.unwrap().unwrap()]
    }
}

impl City {
    /// The session of who proposes staff members and keeps feeds, signed in just now.
    pub(crate) async fn administrator(&self) -> String {
        let administrator = self.offices.administrator;
        self.offices.session(&self.service, administrator).await
    }

    /// What the browser presents of the staff member who has this token.
    pub(crate) fn in_browser(&self, token: &str) -> String {
        self.offices.in_browser(token)
    }

    /// The identifier of the authority of this name.
    pub(crate) async fn authority(&self, name: &str) -> String {
        let known = self.service.access.authorities().await.unwrap();
        let found = known.iter().find(|known| known.name == name);
        found.unwrap().id.to_string()
    }

    /// Adds an authority; its identifier.
    pub(crate) async fn add_authority(
        &self,
        kind: AuthorityKind,
        name: &str,
        region: &str,
    ) -> String {
        let (operator, region) = (operator(), region.parse().unwrap());
        let access = &self.service.access;
        let added = access.add_authority(&operator, kind, name, region).await;
        added.unwrap().id.to_string()
    }

    /// Both halves of the invitation of an auditor.
    pub(crate) async fn invited(&self, name: &str) -> [String; 2] {
        let member = NewMember {
            authority: self.offices.health,
            name: name.to_owned(),
            roles: [Role::Auditor].into_iter().collect(),
            regions: "3301".parse().unwrap(),
        };
        let halves = self.offices.invite(&self.service, member).await;
        halves.map(|half| half.expose())
    }

    /// Takes up an invitation; the session of who did.
    pub(crate) async fn join(&self, one_half: &str, other: &str) -> String {
        let invitation = Invitation::Halves(one_half.parse().unwrap(), other.parse().unwrap());
        let staff = &self.service.staff;
        let accepted = staff.accept_at_one_press(&operator(), &invitation).await;
        self.offices.session(&self.service, accepted.unwrap()).await
    }
}
