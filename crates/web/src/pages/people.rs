//! `/me/people`: several people on one account, by consent or in one's care.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use service::{Resident, ServiceError};

use super::dates::Calendar;
use super::form_errors::{FormError, FormErrors};
use super::whose::relation_text;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What to change.
#[derive(Deserialize)]
pub(super) struct PeopleForm {
    consent: Option<String>,
    give: Option<String>,
    remove: Option<String>,
    end: Option<String>,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    people: Vec<PersonView>,
    holders: Vec<HolderView>,
    /// The word that was just given.
    given: Option<String>,
    /// The word that was typed, and is none.
    typed: String,
    errors: FormErrors,
}

/// What stands on the page besides the people.
#[derive(Default)]
struct Drawn {
    given: Option<String>,
    typed: String,
    errors: FormErrors,
}

const WRONG_WORD: FormError = FormError::at("consent", "people-wrong-word");
const PROVE_FIRST: FormError = FormError::of_all("people-prove-first");

struct PersonView {
    id: String,
    name: Option<String>,
    relation: &'static str,
}

struct HolderView {
    id: String,
    since: String,
}

/// Shows who is on the account.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    people_page(&app, frame, &resident, Drawn::default()).await
}

/// Takes up a consent, gives one, or ends one.
pub(super) async fn change(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<PeopleForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.accounts;
    if form.give.is_some() {
        let mut drawn = Drawn::default();
        match accounts.consent(&resident).await {
            Ok(word) => drawn.given = Some(word.expose().clone()),
            Err(ServiceError::NeedsProof { .. }) => drawn.errors = PROVE_FIRST.into(),
            Err(error) => return Err(error.into()),
        }
        return people_page(&app, frame, &resident, drawn).await;
    }
    if let Some(word) = form.consent {
        match accounts.take_up_consent(&resident, &word).await {
            Ok(()) => {}
            Err(ServiceError::WrongCode) => {
                let drawn = Drawn {
                    typed: word,
                    errors: WRONG_WORD.into(),
                    ..Drawn::default()
                };
                return people_page(&app, frame, &resident, drawn).await;
            }
            Err(error) => return Err(error.into()),
        }
    } else if let Some(person) = form.remove {
        let person = person.parse().map_err(|_| Problem::not_found())?;
        accounts.remove_person(&resident, person).await?;
    } else if let Some(account) = form.end {
        let account = account.parse().map_err(|_| Problem::not_found())?;
        accounts.end_consent(&resident, account).await?;
    }
    Ok(go_to("/me/people", None))
}

async fn people_page(
    app: &App,
    frame: Frame,
    resident: &Resident,
    drawn: Drawn,
) -> Result<Response, Problem> {
    let (people, holders) = app.service.accounts.people_of(resident).await?;
    let calendar = Calendar::of(&frame, app)?;
    let person = |one: service::PersonOnAccount| PersonView {
        id: one.person.to_string(),
        name: one.name.map(|name| name.expose().clone()),
        relation: relation_text(one.relation),
    };
    let holder = |one: service::Holding| HolderView {
        id: one.account.to_string(),
        since: calendar.date_time(one.since),
    };
    page(&PeoplePage {
        people: people.into_iter().map(person).collect(),
        holders: holders.into_iter().map(holder).collect(),
        given: drawn.given,
        typed: drawn.typed,
        errors: drawn.errors,
        frame,
    })
}

#[cfg(test)]
mod tests {
    use service::Relation;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for errors in [FormErrors::default(), WRONG_WORD.into(), PROVE_FIRST.into()] {
                let relations = [Relation::Guardian, Relation::Consent];
                let people = relations.map(|relation| PersonView {
                    id: "1".repeat(32),
                    name: (relation == Relation::Consent).then(|| "<b>".to_owned()),
                    relation: relation_text(relation),
                });
                let page = PeoplePage {
                    frame: frame.clone(),
                    people: people.into(),
                    holders: vec![HolderView {
                        id: "2".repeat(32),
                        since: "today".to_owned(),
                    }],
                    typed: "\"><b>".to_owned(),
                    given: errors.is_empty().then(|| "ABCDEFGHJK".to_owned()),
                    errors,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn a_daughter_shows_the_code_of_her_mother_until_the_mother_ends_it() {
        let city = City::start().await;
        let daughter = city.well_resident("Ming").await;
        let mother = city.proven_resident("Gran").await;
        let post = |session: &str, form: &str| {
            let ask = city
                .post("/me/people?lang=en")
                .cookie(RESIDENT_COOKIE, session);
            ask.form(form).into_future()
        };
        let refused = post(&daughter.session, "give=yes").await;
        assert!(refused.text.contains("Prove your own phone first"));
        let given = post(&mother.session, "give=yes").await;
        let word = given.text.split("lead mono\">").nth(1).unwrap()[..10].to_owned();
        let wrong = post(&daughter.session, "consent=AAAAAAAAAA").await;
        assert!(wrong.text.contains("This word is wrong"));
        assert!(wrong.text.contains("value=\"AAAAAAAAAA\" aria-invalid"));
        let taken = post(&daughter.session, &format!("consent={word}")).await;
        assert_eq!(taken.status, 303, "{taken:?}");
        let page = city
            .get("/me/people?lang=en")
            .cookie(RESIDENT_COOKIE, &daughter.session)
            .await;
        assert!(page.text.contains("Gran"), "{}", page.text);
        let address = format!("/me?person={}&lang=en", mother.person);
        let read = || {
            city.get(&address)
                .cookie(RESIDENT_COOKIE, &daughter.session)
        };
        assert!(read().await.text.contains("verdict green"));
        let own = city
            .get("/me/people")
            .cookie(RESIDENT_COOKIE, &mother.session)
            .await;
        let account = own.text.split("name=\"end\" value=\"").nth(1).unwrap()[..32].to_owned();
        assert_eq!(
            post(&mother.session, &format!("end={account}"))
                .await
                .status,
            303
        );
        assert_eq!(read().await.status, 404);
    }
}
