//! `GET /officer/cases`: the cases of an office, the newest first, page by page. Days and page stand in
//! the address.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::{EvidenceId, PersonId, Timestamp};
use jiff::civil::Date;
use service::{Action, CaseKey, CaseLine, CaseList};

use super::dates::Calendar;
use super::{Frame, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;

/// What the address asks for.
#[derive(Default)]
struct Asked {
    from: Option<Date>,
    until: Option<Date>,
    after: Option<CaseKey>,
}

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
    from: String,
    until: String,
    rows: Vec<Row>,
    /// The address of the next page.
    next: Option<String>,
    /// Whether this is not the first page.
    is_later: bool,
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
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let asked = Asked::read(query.as_deref().unwrap_or_default());
    let since = asked.from.and_then(|day| calendar.start_of(day));
    let tomorrow = asked.until.and_then(|day| day.tomorrow().ok());
    let end = tomorrow.and_then(|day| calendar.start_of(day));
    let end = (end.unwrap_or(Timestamp::MAX), FIRST_PERSON, FIRST_CASE);
    let before = asked.after.map_or(end, |after| after.min(end));
    let list = app
        .service
        .tracing
        .cases(&staff, since.unwrap_or(Timestamp::MIN), before);
    let list = list.await?;
    page(&cases_page(
        frame,
        &calendar,
        &asked,
        &list,
        staff.may(Action::ConfirmCase).is_ok(),
    ))
}

/// Before every person and case of a time.
const FIRST_PERSON: PersonId = PersonId::from_u128(0);
const FIRST_CASE: EvidenceId = EvidenceId::from_u128(0);

fn cases_page(
    frame: Frame,
    calendar: &Calendar,
    asked: &Asked,
    list: &CaseList,
    can_confirm: bool,
) -> CasesPage {
    let text = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let next = list.next.map(|(at, person, diagnosis)| {
        let (from, until) = (text(asked.from), text(asked.until));
        let at = at.as_second();
        format!("/officer/cases?from={from}&until={until}&after={at}.{person}.{diagnosis}")
    });
    CasesPage {
        from: text(asked.from),
        until: text(asked.until),
        rows: list.lines.iter().map(|line| row(calendar, line)).collect(),
        next,
        is_later: asked.after.is_some(),
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

impl Asked {
    /// What cannot be read is not asked for.
    fn read(query: &str) -> Self {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
        };
        let day = |name: &str| value(name).and_then(|text| text.parse().ok());
        Self {
            from: day("from"),
            until: day("until"),
            after: value("after").and_then(place),
        }
    }
}

fn place(text: &str) -> Option<CaseKey> {
    let mut parts = text.splitn(3, '.');
    let at: i64 = parts.next()?.parse().ok()?;
    let person = parts.next()?.parse().ok()?;
    let diagnosis = parts.next()?.parse().ok()?;
    Some((Timestamp::from_second(at).ok()?, person, diagnosis))
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
                let asked = Asked::read("from=2020-02-01&until=soon");
                let page = cases_page(frame.clone(), &calendar, &asked, &list, count > 0);
                let html = assert_sound(&frame, &page);
                assert_eq!(html.matches("C-FFFFFFFF").count(), count);
                assert_eq!(html.contains("after="), count == 50);
            }
        }
    }

    #[test]
    fn a_page_goes_on_where_the_address_says() {
        let key = (
            Timestamp::from_second(1_582_171_200).unwrap(),
            PersonId::from_u128(7),
            EvidenceId::from_u128(9),
        );
        let (at, person, diagnosis) = key;
        let text = format!("{}.{person}.{diagnosis}", at.as_second());
        assert_eq!(place(&text), Some(key));
        for wrong in ["", "x", "1.2.3", "1582171200"] {
            assert_eq!(place(wrong), None, "{wrong}");
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
    }
}
