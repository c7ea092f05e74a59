//! `GET /officer/cases`: the cases of an office, the newest first, page by page. What it is narrowed to and
//! the page stand in the address.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{EvidenceId, PersonId, Timestamp};
use service::{Action, CaseLine, CaseList, CaseState, CasesAsked};

use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter, place};
use super::{Frame, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;

/// What the search of a case does, and the names of the texts.
const STATES: [(&str, &str); 3] = [
    (CaseState::Running.as_str(), "cases-running"),
    (CaseState::Done.as_str(), "cases-done"),
    (CaseState::Withdrawn.as_str(), "cases-withdrawn"),
];

/// A line of the list.
struct Row {
    label: String,
    address: String,
    found: String,
    /// `None` if it is not known.
    onset: Option<String>,
    /// `None` while the search runs, and of a case without one.
    contacts: Option<u32>,
    /// The name of the text that says how the search is.
    search: &'static str,
    is_withdrawn: bool,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    frame: Frame,
    filter: ListFilter,
    rows: Vec<Row>,
    can_confirm: bool,
}

/// What a case is called where no name is shown: eight digits of its diagnosis.
pub(super) fn label(diagnosis: EvidenceId) -> String {
    let text = diagnosis.to_string();
    format!("C-{}", text.get(..8).unwrap_or(&text).to_uppercase())
}

/// Shows a page of the list.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadTrace>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let since = asked.first_day().and_then(|day| calendar.start_of(day));
    let tomorrow = asked.last_day().and_then(|day| day.tomorrow().ok());
    let end = tomorrow.and_then(|day| calendar.start_of(day));
    let end = (end.unwrap_or(Timestamp::MAX), FIRST_PERSON, FIRST_CASE);
    let list = match asked.region() {
        // What was typed is no region: nothing is looked for.
        Err(()) => CaseList::default(),
        Ok(region) => {
            let asked = CasesAsked {
                since: since.unwrap_or(Timestamp::MIN),
                before: asked.after().map_or(end, |after| after.min(end)),
                state: asked.state(&CaseState::ALL, CaseState::as_str),
                region,
            };
            app.service.tracing.cases(&staff, asked).await?
        }
    };
    let can_confirm = staff.may(Action::ConfirmCase).is_ok();
    let drawn = cases_page(frame, &calendar, &asked, &list, can_confirm);
    page_with(&drawn, drawn.filter.is_refused())
}

/// Before every person and case of a time.
const FIRST_PERSON: PersonId = PersonId::from_u128(0);
const FIRST_CASE: EvidenceId = EvidenceId::from_u128(0);

fn cases_page(
    frame: Frame,
    calendar: &Calendar,
    asked: &ListAsked,
    list: &CaseList,
    can_confirm: bool,
) -> CasesPage {
    let next = list
        .next
        .map(|(at, person, diagnosis)| place(at, person, diagnosis));
    let filter = ListFilter::new(&frame, "/officer/cases", &STATES, asked, next);
    CasesPage {
        filter: filter.by_region(asked).by_day(asked),
        rows: list.lines.iter().map(|line| row(calendar, line)).collect(),
        can_confirm,
        frame,
    }
}

fn row(calendar: &Calendar, line: &CaseLine) -> Row {
    let case = &line.case;
    let day = |at: Timestamp| calendar.day(calendar.date(at));
    let finished = line.search.as_ref().and_then(|search| search.finished);
    let search = match (&line.search, finished) {
        _ if case.withdrawn_at.is_some() => "cases-withdrawn",
        (None, _) => "cases-no-search",
        (Some(search), None) if search.job.reopened > 0 => "cases-reopened",
        (Some(_), None) => "cases-running",
        (Some(_), Some(_)) => "cases-done",
    };
    Row {
        label: label(case.diagnosis),
        address: format!("/officer/cases/{}/{}", case.person, case.diagnosis),
        found: day(case.found_at),
        onset: case.onset.map(day),
        contacts: finished.map(|end| end.contacts),
        search,
        is_withdrawn: case.withdrawn_at.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use service::OfficeCase;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_list_renders_in_every_language_with_nothing_one_and_a_full_page() {
        let at: Timestamp = "2020-02-20T04:00:00Z".parse().unwrap();
        let case = OfficeCase {
            person: PersonId::from_u128(1),
            diagnosis: EvidenceId::from_u128(u128::MAX),
            authority: domain::AuthorityId::from_u128(3),
            found_at: at,
            onset: None,
            opened_at: at,
            withdrawn_at: Some(at),
        };
        for frame in frames() {
            for count in [0, 1, 50] {
                let lines = vec![CaseLine { case, search: None }; count];
                let list = CaseList {
                    lines,
                    next: (count == 50).then(|| case.key()),
                };
                let calendar = Calendar::new(frame.language, jiff::tz::TimeZone::UTC);
                let asked = ListAsked {
                    from: "2020-02-01".into(),
                    until: "soon".into(),
                    ..ListAsked::default()
                };
                let page = cases_page(frame.clone(), &calendar, &asked, &list, count > 0);
                let html = assert_sound(&frame, &page);
                assert_eq!(html.matches("C-FFFFFFFF").count(), count);
                assert_eq!(html.contains("after="), count == 50);
            }
        }
    }

    #[tokio::test]
    async fn an_office_lists_its_own_cases_and_opens_one() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let read = async |address: &str| {
            let ask = city.get(address);
            ask.cookie(SECURE_STAFF_COOKIE, &city.health).await
        };
        let empty = read("/officer/cases?lang=en").await;
        assert!(empty.text.contains("No case fits."), "{empty:?}");
        let form = format!("kind=id&document={}&onset=2020-02-19", wu.person);
        let confirmed = city
            .post("/officer/cases/new")
            .cookie(SECURE_STAFF_COOKIE, &city.health)
            .form(&form)
            .await;
        let address = confirmed.headers["location"].to_str().unwrap();
        let (address, _) = address.split_once('?').unwrap();
        let list = read("/officer/cases?lang=en").await;
        assert!(
            list.text.contains(&format!("<a href=\"{address}\">C-")),
            "{list:?}"
        );
        assert!(list.text.contains("19 February 2020"), "{list:?}");
        assert!(list.text.contains("The search runs"), "{list:?}");
        let later = read("/officer/cases?lang=en&from=2020-02-21").await;
        assert!(later.text.contains("No case fits."), "{later:?}");
        city.service.tracing.run_traces().await.unwrap();
        assert_eq!(read(address).await.status, 200);
        for (query, is_there) in [
            ("state=done", true),
            ("state=running", false),
            ("state=withdrawn&in=3301", false),
            ("state=%3Cb%3E", true),
        ] {
            let list = read(&format!("/officer/cases?lang=en&{query}")).await;
            assert_eq!(list.text.contains(address), is_there, "{query}");
        }
        let wrong = read("/officer/cases?lang=en&in=33x").await;
        assert_eq!(wrong.status, 422, "{wrong:?}");
        assert!(wrong.text.contains("There is no such region code."));
        assert!(
            wrong.text.contains("value=\"33x\""),
            "what was typed is kept"
        );
    }
}
