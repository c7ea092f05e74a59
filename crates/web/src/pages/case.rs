//! `GET /officer/cases/{person}/{diagnosis}`: how far the search for contacts is, and whom it found: by
//! labels, never by name (ADR 52).

mod picture;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::{EvidenceId, PersonId};
use fluent_bundle::FluentArgs;
use service::{Action, Chain, FoundContact, MetHow};

use self::picture::picture;
use super::cases::label;
use super::dates::Calendar;
use super::demo::{Choice, personas};
use super::status_style::StatusStyle;
use super::{Frame, page, take_back};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::wire::{EvidenceText, InPath, PersonText, WireText};

/// Somebody whom the search found.
struct Row {
    label: String,
    /// Where their record is opened.
    record: String,
    ring: u8,
    /// The name of the text that says how they met.
    how: &'static str,
    first: String,
    last: String,
    minutes: String,
    status: StatusStyle,
}

/// Whom the search found, a page of it.
struct ChainView {
    /// On the first page, the picture of it.
    picture: Option<String>,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    label: String,
    diagnosis: String,
    found: Option<String>,
    onset: Option<String>,
    is_withdrawn: bool,
    /// How many people were entered with the case just now.
    entered: Option<u32>,
    /// How many were found; `None` while the search runs.
    contacts: Option<u32>,
    window: String,
    chain: Option<ChainView>,
    personas: Vec<Choice>,
    /// Where it is taken back, by who may.
    take_back: Option<String>,
}

/// Shows the search; the page asks for itself again until it is finished.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadTrace>,
    InPath((WireText(person), WireText(diagnosis))): InPath<(PersonText, EvidenceText)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let tracing = &app.service.tracing;
    let trace = tracing.trace(&staff, person, diagnosis).await?;
    let calendar = Calendar::of(&frame, &app)?;
    let query = query.unwrap_or_default();
    let after: Option<EvidenceId> = value(&query, "after").and_then(|text| text.parse().ok());
    // While the search runs, nobody is shown: it says little, and is asked for every other second.
    let chain = match trace.finished {
        Some(_) => Some(tracing.chain(&staff, (person, diagnosis), after).await?),
        None => None,
    };
    let mut window = FluentArgs::new();
    window.set("from", calendar.date_time(trace.job.from));
    window.set("until", calendar.date_time(trace.job.until));
    let case = chain.as_ref().and_then(|chain| chain.case);
    let day = |at| calendar.day(calendar.date(at));
    let is_withdrawn = case.is_some_and(|case| case.withdrawn_at.is_some());
    let may_withdraw = staff.may(Action::WithdrawEvidence).is_ok();
    page(&CasePage {
        take_back: (may_withdraw && !is_withdrawn).then(|| take_back::address(person, diagnosis)),
        label: label(diagnosis),
        diagnosis: diagnosis.to_string(),
        found: case.map(|case| day(case.found_at)),
        onset: case.and_then(|case| case.onset).map(day),
        is_withdrawn,
        entered: value(&query, "entered").and_then(|text| text.parse().ok()),
        contacts: trace.finished.map(|finished| finished.contacts),
        window: frame.language.fill("officer-case-window", &window),
        chain: chain.map(|chain| {
            let place = (person, diagnosis, after);
            view(&frame, &calendar, place, &chain)
        }),
        personas: personas(&app, &frame),
        frame,
    })
}

fn value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

fn view(
    frame: &Frame,
    calendar: &Calendar,
    (person, diagnosis, after): (PersonId, EvidenceId, Option<EvidenceId>),
    chain: &Chain,
) -> ChainView {
    let row = |found: &FoundContact| Row {
        label: contact_label(found),
        record: format!(
            "/officer/records?person={}&reference={}",
            found.person,
            label(diagnosis)
        ),
        ring: found.ring,
        how: how(found.how),
        first: calendar.date_time(found.first),
        last: calendar.date_time(found.last),
        minutes: found
            .minutes
            .map_or_else(|| "–".to_owned(), |minutes| minutes.to_string()),
        status: found.status.into(),
    };
    let is_first = after.is_none() && !chain.found.is_empty();
    ChainView {
        picture: is_first.then(|| picture(frame, &label(diagnosis), &chain.found)),
        rows: chain.found.iter().map(row).collect(),
        next: chain
            .next
            .map(|next| format!("/officer/cases/{person}/{diagnosis}?after={next}")),
    }
}

/// What somebody whom a search found is called where no name is shown.
fn contact_label(found: &FoundContact) -> String {
    let text = found.evidence.to_string();
    format!("K-{}", text.get(..8).unwrap_or(&text).to_uppercase())
}

const fn how(how: MetHow) -> &'static str {
    match how {
        MetHow::Places => "chain-places",
        MetHow::Lists => "chain-lists",
        MetHow::FaceToFace => "chain-face-to-face",
        MetHow::Otherwise => "chain-otherwise",
    }
}

#[cfg(test)]
mod tests {
    use domain::{Colour, Status};

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    fn found(number: u128) -> FoundContact {
        FoundContact {
            person: PersonId::from_u128(number),
            evidence: EvidenceId::from_u128(number << 100),
            ring: if number.is_multiple_of(3) { 2 } else { 1 },
            how: MetHow::Places,
            first: "2020-02-18T04:00:00Z".parse().unwrap(),
            last: "2020-02-18T05:00:00Z".parse().unwrap(),
            minutes: Some(60),
            status: Status::Decided(Colour::Red),
        }
    }

    #[test]
    fn the_search_renders_in_every_language_running_and_finished() {
        for frame in frames() {
            for contacts in [None, Some(0), Some(1), Some(23)] {
                let calendar = Calendar::new(frame.language, jiff::tz::TimeZone::UTC);
                let chain = contacts.map(|count| Chain {
                    case: None,
                    found: (1..=u128::from(count)).map(found).collect(),
                    next: (count == 23).then(|| EvidenceId::from_u128(9)),
                });
                let place = (PersonId::from_u128(1), EvidenceId::from_u128(2), None);
                let html = assert_sound(
                    &frame,
                    &CasePage {
                        frame: frame.clone(),
                        label: "C-00000000".into(),
                        diagnosis: "0".repeat(32),
                        found: contacts.map(|_| "yesterday".into()),
                        onset: None,
                        is_withdrawn: contacts == Some(0),
                        take_back: contacts.map(|_| "/officer/evidence/0/0/withdrawal".into()),
                        entered: contacts,
                        contacts,
                        window: "yesterday".into(),
                        chain: chain.map(|chain| view(&frame, &calendar, place, &chain)),
                        personas: Vec::new(),
                    },
                );
                assert_eq!(html.contains("refresh"), contacts.is_none());
                assert_eq!(html.contains("role=\"img\""), contacts > Some(0));
            }
        }
    }

    #[tokio::test]
    async fn a_case_that_was_never_confirmed_is_not_there() {
        let city = City::start().await;
        let nobody = "0".repeat(32);
        for address in [
            format!("/officer/cases/{nobody}/{nobody}"),
            "/officer/cases/a/b".into(),
        ] {
            let answer = city
                .get(&address)
                .cookie(SECURE_STAFF_COOKIE, &city.health)
                .await;
            assert_eq!(answer.status, 404);
        }
    }

    #[tokio::test]
    async fn who_was_found_is_read_by_labels_and_each_of_them_reads_that() {
        let city = City::start().await;
        let (wu, ming) = (
            city.well_resident("Wu").await,
            city.proven_resident("Ming").await,
        );
        let noodles = city.venue("Noodle bar").await;
        city.visited(&wu, &noodles, 30, 28).await;
        city.visited(&ming, &noodles, 29, 28).await;
        let form = format!("kind=id&document={}&onset=2020-02-19", wu.person);
        let confirmed = city
            .post("/officer/cases/new")
            .cookie(SECURE_STAFF_COOKIE, &city.health)
            .form(&form)
            .await;
        let address = confirmed.headers["location"].to_str().unwrap().to_owned();
        city.service.tracing.run_traces().await.unwrap();
        let page = city
            .get(&format!("{address}&lang=en"))
            .cookie(SECURE_STAFF_COOKIE, &city.health)
            .await;
        for words in [
            "K-",
            "were at the same places",
            "<svg",
            "Red",
            "/officer/records?person=",
        ] {
            assert!(page.text.contains(words), "{words}: {page:?}");
        }
        assert!(!page.text.contains("Ming"), "{page:?}");
        let looks = city
            .get("/api/v1/me/looks?lang=en")
            .token(&ming.token)
            .await;
        assert!(looks.text.contains("contacts_listed"), "{looks:?}");
    }
}
