//! `/demo/case`, `/demo/order`, `/demo/approval`: what the officers of the demonstration do at one press. The
//! acts are those of the desk, each by the officer whom the button names, and the desk shows them afterwards.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{Colour, RequestKey};
use jiff::SignedDuration;
use serde::Deserialize;
use service::{
    CaseEntry, CaseReport, Entered, OrderRequest, ProposalOutcome, ServiceError, Staff, Subject,
    Token,
};

use super::Frame;
use super::staff::{arrive, at_one_press};
use crate::App;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::settings::{Demo, Persona};

const ORDERS: &str = "/officer/orders";
/// How long the order of the demonstration lasts.
const ORDER_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Who fell ill.
#[derive(Deserialize)]
pub(super) struct CaseForm {
    patient: String,
    /// The same confirms one case.
    request: String,
}

/// Proposes one order, however often it is sent.
#[derive(Deserialize)]
pub(super) struct OrderForm {
    request: String,
}

/// Confirms that somebody is ill, and shows whom the search finds.
pub(super) async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<CaseForm>,
) -> Result<Response, Problem> {
    let demo = demo(&app)?;
    let mut patients = demo.patients.iter().map(|patient| patient.person);
    let patient = patients.find(|person| person.to_string() == form.patient);
    let case = CaseReport {
        request: form.request.parse().ok(),
        subject: Subject::Person(patient.ok_or_else(Problem::not_found)?),
        found_at: None,
        onset: None,
        is_asymptomatic: false,
    };
    let entry = CaseEntry {
        case,
        contacts: Vec::new(),
        content: None,
        // The story is told again in a city that is kept.
        is_another_illness: true,
    };
    let (session, officer) = signed_in(&app, &headers, 0).await?;
    let address = match app.service.tracing.enter_case(&officer, entry).await? {
        Entered::Done(case, _) => format!("/officer/cases/{}/{}", case.person, case.diagnosis),
        Entered::Held(_) => "/officer/batches".to_owned(),
        Entered::Refused(_) | Entered::Known(_) => "/officer/cases/new".to_owned(),
    };
    Ok(arrive(&app, &session, &address))
}

/// Proposes that a resident stays at home for a day, which changes nothing until somebody else approves it.
pub(super) async fn propose(
    State(app): State<App>,
    frame: Frame,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<OrderForm>,
) -> Result<Response, Problem> {
    let persona = ordered(demo(&app)?).ok_or_else(Problem::not_found)?;
    let resident = app.service.access.resident(&persona.token).await?;
    let from = app.service.now();
    let order = OrderRequest {
        request: form.request.parse::<RequestKey>().ok(),
        people: vec![Subject::Person(resident.person())],
        colour: Colour::Red,
        from,
        until: from + ORDER_LASTS,
        basis: frame.t("demo-order-basis"),
    };
    let (session, officer) = signed_in(&app, &headers, 0).await?;
    match app.service.orders.propose(&officer, order).await {
        // The list of those that wait says enough.
        Ok(_) | Err(ServiceError::RequestKeyReused(_) | ServiceError::TooManyWaiting { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(arrive(&app, &session, ORDERS))
}

/// Approves, as the second person, what waits.
pub(super) async fn approve(
    State(app): State<App>,
    frame: Frame,
    headers: HeaderMap,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    let (session, officer) = signed_in(&app, &headers, 1).await?;
    let orders = &app.service.orders;
    let waiting = Some(ProposalOutcome::Waiting);
    let reason = frame.t("demo-approve-reason");
    for order in orders.page(&officer, waiting, None).await?.lines {
        match orders.approve(&officer, order.id, &reason).await {
            // One that is over by now, or that somebody else decided, stays as it is.
            Ok(_) | Err(ServiceError::BadField { .. } | ServiceError::ProposalSettled) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(arrive(&app, &session, ORDERS))
}

/// Whom the order of the demonstration is about: not the protagonist, if there is somebody else.
pub(super) fn ordered(demo: &Demo) -> Option<&Persona> {
    demo.personas.get(1).or(demo.personas.first())
}

fn demo(app: &App) -> Result<&Demo, Problem> {
    app.settings.demo.as_ref().ok_or_else(Problem::not_found)
}

/// The officer at a place in the list, in this browser from now on.
async fn signed_in(
    app: &App,
    headers: &HeaderMap,
    place: usize,
) -> Result<(Token, Staff), Problem> {
    let officer = demo(app)?.officers.get(place);
    let officer = officer.ok_or_else(Problem::not_found)?;
    let session = at_one_press(app, headers, &officer.key).await?;
    let staff = app.service.access.staff(&session).await?;
    Ok((session, staff))
}

#[cfg(test)]
mod tests {
    use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
    use crate::testing::City;

    #[tokio::test]
    async fn a_press_confirms_a_case_as_the_first_officer_once_and_shows_whom_the_search_found() {
        let (city, _, wu) = City::start_demo().await;
        let page = city.get("/?lang=en").await;
        let patient = format!("name=\"patient\" value=\"{}\"", wu.person);
        assert!(page.text.contains(&patient), "{page:?}");
        let keys = page.text.split("name=\"request\" value=\"").skip(1);
        let keys: Vec<&str> = keys.map(|rest| &rest[..32]).collect();
        let different: std::collections::BTreeSet<&&str> = keys.iter().collect();
        assert_eq!(
            (keys.len(), different.len()),
            (2, 2),
            "a key of its own for each press"
        );
        let form = format!("patient={}&request={}", wu.person, "7".repeat(32));
        let press = || city.post("/demo/case").form(&form).into_future();
        let (first, second) = (press().await, press().await);
        assert_eq!(first.status, 303, "{first:?}");
        let address = first.headers["location"].to_str().unwrap().to_owned();
        assert!(address.starts_with(&format!("/officer/cases/{}/", wu.person)));
        assert_eq!(second.headers["location"], address.as_str(), "one case");
        let session = second.cookie(SECURE_STAFF_COOKIE).unwrap();
        let case = city.get(&address).cookie(SECURE_STAFF_COOKIE, &session);
        assert_eq!(case.await.status, 200);
        let own = city.get("/me?lang=en").cookie(RESIDENT_COOKIE, &wu.session);
        assert!(own.await.text.contains("Red"));
        let stranger = format!("patient={}&request={}", "0".repeat(32), "8".repeat(32));
        let refused = city.post("/demo/case").form(&stranger).await;
        assert_eq!(refused.status, 404);
    }

    #[tokio::test]
    async fn an_order_takes_a_press_of_each_of_two_officers() {
        let (city, ming, _) = City::start_demo().await;
        let own = async || {
            let page = city.get("/me?lang=en");
            page.cookie(RESIDENT_COOKIE, &ming.session).await.text
        };
        let form = format!("request={}", "7".repeat(32));
        for _ in 0..2 {
            let proposed = city.post("/demo/order?lang=en").form(&form).await;
            assert_eq!(proposed.headers["location"], "/officer/orders");
        }
        assert!(own().await.contains("Green"), "nobody does that alone");
        let approved = city.post("/demo/approval?lang=en").form("").await;
        let session = approved.cookie(SECURE_STAFF_COOKIE).unwrap();
        let list = city.get("/officer/orders?lang=en");
        let list = list.cookie(SECURE_STAFF_COOKIE, &session).await;
        assert_eq!(list.text.matches("Seen and agreed").count(), 1, "{list:?}");
        let read = own().await;
        assert!(
            read.contains("Red") && read.contains("article 39"),
            "{read}"
        );
        // Where nothing waits, nothing happens.
        let again = city.post("/demo/approval").form("").await;
        assert_eq!(again.status, 303, "{again:?}");
    }
}
