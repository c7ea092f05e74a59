//! The menu of the desk: a link for each page that the staff member signed in may open, and no
//! other.

use axum::http::request::Parts;
use service::{Action, Staff};

use crate::App;
use crate::principal::signed_in_staff;

/// A page of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeskLink {
    /// Where it is.
    pub(crate) address: &'static str,
    /// The name of the text on it.
    pub(crate) text: &'static str,
    /// Whether the page that is shown is it, or lies below it.
    pub(crate) is_here: bool,
}

/// Every page, and what one must be allowed to do to open it; nothing where everybody may.
const LINKS: [(&str, &str, Option<Action>); 22] = [
    ("/officer", "today-title", None),
    (
        "/officer/cases/new",
        "case-enter-title",
        Some(Action::ConfirmCase),
    ),
    ("/officer/cases", "cases-title", Some(Action::ReadTrace)),
    (
        "/officer/imports",
        "import-title",
        Some(Action::SubmitEvidence),
    ),
    (
        "/officer/waiting",
        "waiting-title",
        Some(Action::TakeInVisits),
    ),
    ("/officer/records", "record-title", Some(Action::OpenRecord)),
    (
        "/officer/appeals",
        "appeals-title",
        Some(Action::AnswerAppeals),
    ),
    (
        "/officer/contradictions",
        "contradictions-title",
        Some(Action::SettleContradictions),
    ),
    ("/officer/orders", "orders-title", Some(Action::ReadOrders)),
    (
        "/officer/batches",
        "batches-title",
        Some(Action::ReadOrders),
    ),
    (
        "/officer/proposals",
        "desk-rules",
        Some(Action::ReadProposals),
    ),
    (
        "/officer/levels",
        "propose-levels",
        Some(Action::ReadProposals),
    ),
    (
        "/officer/stats",
        "statistics-title",
        Some(Action::ReadStatistics),
    ),
    ("/officer/venues", "venues-title", Some(Action::KeepVenues)),
    (
        "/officer/scanners",
        "scanners-title",
        Some(Action::KeepScanners),
    ),
    (
        "/officer/office",
        "office-title",
        Some(Action::KeepAccounts),
    ),
    ("/officer/staff", "staff-title", Some(Action::ReadStaff)),
    ("/officer/feeds", "feeds-title", Some(Action::ReadStaff)),
    (
        "/officer/glitches",
        "glitches-title",
        Some(Action::AnswerGlitches),
    ),
    ("/officer/alarms", "alarms-title", Some(Action::ReadAlarms)),
    ("/officer/log", "log-title", Some(Action::ReadLog)),
    ("/officer/account", "account-title", None),
];

/// The menu for a request; empty if nobody is signed in.
pub(crate) async fn of(parts: &mut Parts, app: &App) -> Vec<DeskLink> {
    let Ok(staff) = signed_in_staff(parts, app).await else {
        return Vec::new();
    };
    links(parts.uri.path(), |action| staff_may(&staff, action))
}

fn staff_may(staff: &Staff, action: Action) -> bool {
    staff.may(action).is_ok()
}

fn links(path: &str, may: impl Fn(Action) -> bool) -> Vec<DeskLink> {
    let theirs = LINKS.iter().filter(|(.., action)| action.is_none_or(&may));
    let mut links: Vec<DeskLink> = theirs
        .map(|(address, text, _)| DeskLink {
            address,
            text,
            is_here: false,
        })
        .collect();
    let around = |link: &&mut DeskLink| {
        let rest = path.strip_prefix(link.address);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let here = links.iter_mut().filter(around);
    if let Some(here) = here.max_by_key(|link| link.address.len()) {
        here.is_here = here.address != "/officer" || path == "/officer";
    }
    links
}

/// Every link there is, for tests that render pages.
#[cfg(test)]
pub(crate) fn every_link() -> Vec<DeskLink> {
    links("/officer", |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_that_is_shown_is_marked_and_so_is_the_one_above_it() {
        let marked = |path: &str| -> Vec<&str> {
            let links = links(path, |_| true).into_iter();
            links
                .filter(|link| link.is_here)
                .map(|link| link.address)
                .collect()
        };
        assert_eq!(marked("/officer"), ["/officer"]);
        assert_eq!(marked("/officer/appeals/1/2"), ["/officer/appeals"]);
        assert_eq!(marked("/officer/cases/new"), ["/officer/cases/new"]);
        assert_eq!(marked("/officer/cases/1/2"), ["/officer/cases"]);
        assert_eq!(marked("/officer/elsewhere"), [""; 0]);
    }

    #[tokio::test]
    async fn a_link_that_is_drawn_opens_and_no_other_page_is_hidden() {
        let city = City::start().await;
        let routes = pages::routes(&city.app());
        let roles = [
            (domain::AuthorityKind::Health, domain::Role::Auditor),
            (domain::AuthorityKind::Health, domain::Role::Tracer),
            (
                domain::AuthorityKind::Community,
                domain::Role::CommunityWorker,
            ),
        ];
        for (kind, role) in roles {
            let token = city.staff_with(kind, role).await;
            let desk = city
                .get("/officer?lang=en")
                .cookie(SECURE_STAFF_COOKIE, &token)
                .await;
            assert_eq!(desk.status, 200, "{desk:?}");
            for (address, ..) in LINKS {
                assert!(routes.list.contains(&("GET", address)), "{address}");
                let is_drawn = desk.text.contains(&format!("<a href=\"{address}\""));
                let answer = city.get(address).cookie(SECURE_STAFF_COOKIE, &token).await;
                assert_eq!(is_drawn, answer.status != 403, "{address} as {role}");
            }
        }
    }
}
