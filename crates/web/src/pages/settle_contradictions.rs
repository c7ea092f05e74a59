//! `/officer/contradictions`: what does not fit what people declared, and what officers make of it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{ContradictionId, PersonId};
use serde::Deserialize;
use service::{ContradictionToSettle, HeardView, QueueAsked, QueuePage, ServiceError, Staff};

use super::answer_appeals::due_word;
use super::contradictions::{Entry, entry};
use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter, place};
use super::{Frame, go_to, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{ContradictionText, InPath, PersonText, WireText};

/// Whether the person had the time to be heard, and the names of the texts.
const STATES: [(&str, &str); 2] = [("due", "list-heard"), ("open", "list-to-hear")];

#[derive(Template)]
#[template(path = "officer_contradictions.html")]
struct ListPage {
    frame: Frame,
    filter: ListFilter,
    found: Vec<Queued>,
}

/// A contradiction in the list.
struct Queued {
    address: String,
    state: String,
}

#[derive(Template)]
#[template(path = "officer_contradiction.html")]
struct ContradictionPage<'f> {
    frame: Frame,
    error: Option<&'static str>,
    address: String,
    person: String,
    state: String,
    one: Entry,
    is_ripe: bool,
    is_own: bool,
    /// Whether the person wrote nothing themselves, which nobody writes over.
    may_write_down: bool,
    /// Since when what the person says is what is shown, in Unix seconds; empty if nothing is.
    seen: String,
    /// What was typed.
    form: &'f SettlingForm,
}

/// What the officer does.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    /// Writes down what the person says.
    #[default]
    Write,
    Confirm,
    Dismiss,
}

/// What the officer typed and pressed.
#[derive(Default, Deserialize)]
pub(super) struct SettlingForm {
    #[serde(default)]
    act: Act,
    #[serde(default)]
    words: String,
    #[serde(default)]
    reasons: String,
    #[serde(default)]
    seen: String,
}

type Which = InPath<(PersonText, ContradictionText)>;

/// Shows what waits.
pub(super) async fn list(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SettleContradictions>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let queue = match asked.region() {
        // What was typed is no region: nothing is looked for.
        Err(()) => QueuePage::EMPTY,
        Ok(region) => {
            let asked = QueueAsked {
                region,
                is_due: asked.state(&[true, false], due_word),
                after: asked.after(),
            };
            app.service.contradictions.page(&staff, &asked).await?
        }
    };
    let next = queue.next.map(|(at, person, id)| place(at, person, id));
    let filter = ListFilter::new(&frame, "/officer/contradictions", &STATES, &asked, next);
    let found = queue.lines.iter().map(|one| Queued {
        address: format!("/officer/contradictions/{}/{}", one.person, one.id),
        state: state(&frame, one.is_heard, &calendar.date_time(one.hear_by)),
    });
    let drawn = ListPage {
        filter: filter.by_region(&asked),
        found: found.collect(),
        frame,
    };
    page_with(&drawn, drawn.filter.is_refused())
}

/// Shows one.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SettleContradictions>,
    InPath((WireText(person), WireText(id))): Which,
) -> Result<Response, Problem> {
    let form = SettlingForm::default();
    one_page(&app, frame, (&staff, person, id), &form, None).await
}

/// Writes down what the person says, confirms or dismisses.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SettleContradictions>,
    InPath((WireText(person), WireText(id))): Which,
    SameOriginForm(form): SameOriginForm<SettlingForm>,
) -> Result<Response, Problem> {
    let contradictions = &app.service.contradictions;
    let (words, reasons) = (&form.words, &form.reasons);
    let is_write = matches!(form.act, Act::Write);
    if is_write && let Some(text) = written_meanwhile(&app, (&staff, person, id), &form).await? {
        return one_page(&app, frame, (&staff, person, id), &form, Some(text)).await;
    }
    let done = match form.act {
        Act::Write => contradictions.write_down(&staff, person, id, words).await,
        Act::Confirm => contradictions.confirm(&staff, person, id, reasons).await,
        Act::Dismiss => contradictions.dismiss(&staff, person, id, reasons).await,
    };
    let text = match done {
        Ok(_) if is_write => {
            let address = format!("/officer/contradictions/{person}/{id}");
            return Ok(go_to(&address, None));
        }
        Ok(_) => return Ok(go_to("/officer/contradictions", None)),
        Err(ServiceError::BadField { .. }) => "contradictions-no-text",
        Err(ServiceError::NotHeard { .. }) => "contradictions-early",
        Err(ServiceError::OwnRecord) => "contradictions-own",
        Err(ServiceError::ContradictionSettled) => "contradictions-settled",
        Err(ServiceError::UnknownContradiction) => "contradictions-gone",
        Err(error) => return Err(error.into()),
    };
    one_page(&app, frame, (&staff, person, id), &form, Some(text)).await
}

/// What somebody else wrote down since the officer looked, or the person wrote: neither is written over unread.
async fn written_meanwhile(
    app: &App,
    (staff, person, id): (&Staff, PersonId, ContradictionId),
    form: &SettlingForm,
) -> Result<Option<&'static str>, Problem> {
    let contradictions = &app.service.contradictions;
    let found = contradictions.to_settle(staff, person, id).await;
    let said = match found {
        Ok(found) => found.contradiction.said,
        // That it is gone is said by the act itself.
        Err(ServiceError::UnknownContradiction) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(match said {
        Some(said) if !said.is_written_down => Some("contradictions-person-wrote"),
        Some(said) if written_at(Some(&said)) != form.seen => Some("contradictions-written"),
        _ => None,
    })
}

fn written_at(said: Option<&HeardView>) -> String {
    said.map(|said| said.at.as_second().to_string())
        .unwrap_or_default()
}

async fn one_page(
    app: &App,
    frame: Frame,
    (staff, person, id): (&Staff, PersonId, ContradictionId),
    form: &SettlingForm,
    error: Option<&'static str>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, app);
    let contradictions = &app.service.contradictions;
    let ContradictionToSettle {
        contradiction,
        is_ripe,
        is_own,
    } = contradictions.to_settle(staff, person, id).await?;
    let until = calendar.date_time(contradiction.hear_by);
    let said = contradiction.said.as_ref();
    let may_write_down = said.is_none_or(|said| said.is_written_down);
    let seen = written_at(said);
    let drawn = ContradictionPage {
        error,
        address: format!("/officer/contradictions/{person}/{id}"),
        person: person.to_string(),
        state: state(&frame, contradiction.said.is_some(), &until),
        one: entry(contradiction, &frame, &calendar),
        is_ripe,
        is_own,
        may_write_down,
        seen,
        form,
        frame,
    };
    page_with(&drawn, error.is_some())
}

fn state(frame: &Frame, is_heard: bool, until: &str) -> String {
    match is_heard {
        true => frame.t("contradictions-heard"),
        false => frame.with("contradictions-unheard", "when", until),
    }
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};

    use super::super::contradictions::tests::samples;
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_pages_render_in_every_language() {
        let errors = [
            "contradictions-no-text",
            "contradictions-early",
            "contradictions-own",
            "contradictions-settled",
            "contradictions-gone",
            "contradictions-written",
            "contradictions-person-wrote",
        ];
        for frame in frames() {
            let queued = [true, false].map(|is_heard| Queued {
                address: "/officer/contradictions/0/0".to_owned(),
                state: state(&frame, is_heard, "today"),
            });
            for found in [queued.into(), Vec::new()] {
                let frame = frame.clone();
                let asked = ListAsked::default();
                let address = "/officer/contradictions";
                let filter = ListFilter::new(&frame, address, &STATES, &asked, None);
                let page = ListPage {
                    filter: filter.by_region(&asked),
                    frame,
                    found,
                };
                assert_sound(&page.frame.clone(), &page);
            }
            let form = SettlingForm {
                act: Act::Confirm,
                words: "<b>Words".to_owned(),
                reasons: "<b>Yes".to_owned(),
                seen: String::new(),
            };
            let twice = samples(&frame).into_iter().chain(samples(&frame));
            for (one, error) in twice.zip(errors) {
                let page = ContradictionPage {
                    frame: frame.clone(),
                    error: Some(error),
                    address: "/officer/contradictions/0/0".to_owned(),
                    person: "0".repeat(32),
                    state: state(&frame, false, "<b>today"),
                    one,
                    is_ripe: error != "contradictions-early",
                    is_own: false,
                    may_write_down: error != "contradictions-own",
                    seen: "1".to_owned(),
                    form: &form,
                };
                let html = assert_sound(&frame, &page);
                assert!(!html.contains("<b>Yes") && !html.contains("<b>Wuhan"));
            }
        }
    }

    #[tokio::test]
    async fn an_officer_writes_down_confirms_or_dismisses_on_the_page() {
        let city = City::start().await;
        let (ming, id) = city.contradicted_resident("Ming").await;
        let officer = city
            .staff_with(AuthorityKind::Health, Role::HealthOfficer)
            .await;
        let address = format!("/officer/contradictions/{}/{id}", ming.person);
        let read = async |address: &str, session: &str| {
            let ask = city.get(&format!("{address}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, session).await
        };
        let desk = read("/officer", &officer).await;
        assert!(
            desk.text.contains("href=\"/officer/contradictions\""),
            "{desk:?}"
        );
        let queue = read("/officer/contradictions", &officer).await;
        assert!(queue.text.contains(&address), "{queue:?}");
        let unheard = read(&address, &officer).await;
        assert!(!unheard.text.contains("value=\"confirm\""), "{unheard:?}");
        let own = read(&address, &city.health).await;
        assert!(
            own.text.contains("somebody else must settle this"),
            "{own:?}"
        );

        let send = async |form: &str| {
            let ask = city.post(&format!("{address}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, &officer).form(form).await
        };
        let early = send("act=confirm&reasons=The+desk+says+so.").await;
        assert!(early.text.contains("hear the person first"), "{early:?}");
        assert!(
            early.text.contains("The desk says so."),
            "what was typed is kept"
        );
        let heard = send("act=write&words=It+was+my+brother.").await;
        assert_eq!(heard.status, 303, "{heard:?}");
        let over = send("act=write&words=No,+my+cousin.").await;
        for words in [
            "wrote something down",
            "It was my brother.",
            "No, my cousin.",
        ] {
            assert!(over.text.contains(words), "{words}: {over:?}");
        }
        let ripe = read(&address, &officer).await;
        assert!(ripe.text.contains("It was my brother."), "{ripe:?}");
        let silent = send("act=confirm&reasons=").await;
        assert!(silent.text.contains("Write something"), "{silent:?}");
        let own_words = send("act=confirm&reasons=The+desk+says+so.").await;
        assert!(
            own_words.text.contains("somebody else judges"),
            "{own_words:?}"
        );
        let (kind, role) = (AuthorityKind::Health, Role::HealthOfficer);
        let colleague = city.staff_with(kind, role).await;
        let confirmed = city
            .post(&format!("{address}?lang=en"))
            .cookie(SECURE_STAFF_COOKIE, &colleague)
            .form("act=confirm&reasons=The+desk+says+so.")
            .await;
        assert_eq!(confirmed.status, 303, "{confirmed:?}");
        let late = send("act=dismiss&reasons=Again.").await;
        for words in [
            "was settled already",
            "Decided by",
            "The desk says so.",
            "Again.",
        ] {
            assert!(late.text.contains(words), "{words}: {late:?}");
        }
    }
}
