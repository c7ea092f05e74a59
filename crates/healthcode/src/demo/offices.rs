//! The authorities of the demonstration, and who works there: as made up as the city.

use anyhow::Result;
use domain::{Authority, AuthorityKind, Region, Role, StaffId};
use service::{Invitation, NewMember, Publisher, Service, Staff};
use web::{Officer, Words};

use crate::wiring;

/// The officers of the demonstration.
pub struct Officers {
    /// Confirms cases and proposes.
    pub lin: StaffId,
    /// The second person, who also answers appeals.
    pub zhao: StaffId,
}

const LIN: &str = "Dr Lin";
const ZHAO: &str = "Dr Zhao";

impl Officers {
    /// Makes sure that the city's authorities are there, and who works at its health office.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn of(service: &Service, region: Region) -> Result<Self> {
        let operator = wiring::operator();
        for kind in [
            AuthorityKind::Laboratory,
            AuthorityKind::Transport,
            AuthorityKind::Community,
        ] {
            office(service, kind, region).await?;
        }
        let office = office(service, AuthorityKind::Health, region).await?;
        let staff = &service.staff;
        let member = |name: &str, roles: &[Role]| NewMember {
            authority: office.id,
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
            regions: [region].into_iter().collect(),
        };
        let known = staff.names_at_one_press(&operator).await?;
        let known = |name: &str| {
            known
                .iter()
                .find(|(_, found)| found == name)
                .map(|one| one.0)
        };
        let lin = match known(LIN) {
            Some(lin) => lin,
            None => {
                let roles = [
                    Role::HealthOfficer,
                    Role::Tracer,
                    Role::PolicyAuthor,
                    Role::VenueOwner,
                ];
                let invited = staff.invite_first(&operator, member(LIN, &roles)).await?;
                let invited = Invitation::Whole(invited);
                staff.accept_at_one_press(&operator, &invited).await?
            }
        };
        let zhao = match known(ZHAO) {
            Some(zhao) => zhao,
            None => {
                let by = signed_in(service, lin).await?;
                let roles = [Role::Approver, Role::HealthOfficer];
                let second = member(ZHAO, &roles);
                let (proposed, half) = staff.propose_member(&by, second).await?;
                let other = staff.approve_second(&operator, proposed.id).await?;
                let invited = Invitation::Halves(half, other);
                staff.accept_at_one_press(&operator, &invited).await?
            }
        };
        Ok(Self { lin, zhao })
    }

    /// Both together.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn publisher(&self, service: &Service) -> Result<Publisher> {
        let lin = signed_in(service, self.lin).await?;
        let zhao = signed_in(service, self.zhao).await?;
        Ok(Publisher::of_two(&lin, &zhao, service.now())?)
    }

    /// Both, as the pages show them.
    pub fn on_the_pages(&self) -> Vec<Officer> {
        let officer = |key: &str, staff, name: [&str; 5], about: [&str; 5]| Officer {
            key: key.to_owned(),
            staff,
            name: Words::new(name),
            about: Words::new(about),
        };
        let does = [
            "Confirms cases, and proposes orders and rules.",
            "确认病例，提出命令和规则。",
            "感染者を確定し、命令と規則を提案します。",
            "확진자를 확인하고 명령과 규칙을 제안합니다.",
            "تأكيد الحالات واقتراح الأوامر والقواعد.",
        ];
        let approves = [
            "The second person: approves what Dr Lin proposes.",
            "第二个人：批准林医生提出的事。",
            "二人目: リン医師が提案したことを承認します。",
            "두 번째 사람: 린 의사가 제안한 것을 승인합니다.",
            "الشخص الثاني: الموافقة على ما يقترحه د. لين.",
        ];
        let lin = [LIN, "林医生", "リン医師", "린 의사", "د. لين"];
        let zhao = [ZHAO, "赵医生", "チャオ医師", "자오 의사", "د. تشاو"];
        vec![
            officer("lin", self.lin, lin, does),
            officer("zhao", self.zhao, zhao, approves),
        ]
    }
}

/// Somebody who signed in just now.
///
/// # Errors
/// If the database does not answer.
pub async fn signed_in(service: &Service, id: StaffId) -> Result<Staff> {
    let operator = wiring::operator();
    let session = service.staff.sign_in_at_one_press(&operator, id).await?;
    Ok(service.access.staff(&session).await?)
}

async fn office(service: &Service, kind: AuthorityKind, region: Region) -> Result<Authority> {
    let (access, name) = (&service.access, authority_name(kind));
    let known = access.authorities().await?;
    if let Some(known) = known.into_iter().find(|known| known.name == name) {
        return Ok(known);
    }
    let operator = wiring::operator();
    Ok(access.add_authority(&operator, kind, name, region).await?)
}

/// The names of the authorities; the last two are built in.
pub const fn authority_name(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Health => "Harbour City Health Office",
        AuthorityKind::Laboratory => "Harbour City Laboratory",
        AuthorityKind::Transport => "Harbour City Railway",
        AuthorityKind::Community => "Harbour City Community Office",
        AuthorityKind::Person => "Yourself",
        AuthorityKind::Tracer => "Contact tracing",
    }
}
