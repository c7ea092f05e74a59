//! `/officer/orders`: what restricts people directly. One staff member proposes, another one decides.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Colour, Document, DocumentKind, PersonId, ProposalId};
use fluent_bundle::FluentArgs;
use jiff::SignedDuration;
use serde::Deserialize;
use service::{Action, OrderProposal, OrderRequest, ServiceError, Staff, Subject};

use super::choice::Choice;
use super::dates::Calendar;
use super::enter_case::{PatientChoice, patients};
use super::list_filter::{ListAsked, ListFilter};
use super::proposals::{
    Decision, DecisionForm, STATES, outcome, place_of, refused_decision, signed, written,
};
use super::status_style::StatusStyle;
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page, request_key};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, ProposalText, WireText};

/// For how many hours an order can be proposed on the page.
const HOURS: [u8; 4] = [12, 24, 48, 72];

/// Nothing was done, and nothing that was typed is lost.
const PASSKEY_FIRST: &str = "step-up-first";

/// An order, as it was typed.
#[derive(Default, Deserialize)]
pub(super) struct OrderForm {
    #[serde(default)]
    request: String,
    people: String,
    colour: String,
    hours: String,
    basis: String,
}

#[derive(Template)]
#[template(path = "officer_orders.html")]
struct OrdersPage<'f> {
    frame: Frame,
    error: Option<&'static str>,
    /// Whether the passkey must be shown before anything can be proposed or approved.
    is_stale: bool,
    /// Whether something waits in the page until it was shown in another tab.
    is_typed: bool,
    can_propose: bool,
    can_approve: bool,
    filter: ListFilter,
    orders: Vec<Entry>,
    colours: Vec<Choice>,
    hours: Vec<Choice>,
    /// People to choose from, in the demonstration.
    patients: Vec<PatientChoice>,
    form: &'f OrderForm,
    request: String,
}

/// An order in the list.
struct Entry {
    id: String,
    shape: &'static str,
    /// The colour and how many people.
    title: String,
    state: &'static str,
    lasts: String,
    basis: String,
    proposed: String,
    settled: Option<String>,
    reason: Option<String>,
    people: Vec<String>,
    is_waiting: bool,
    is_own: bool,
    /// The reason that was typed for it.
    typed: String,
}

/// What stands on the page besides the orders.
#[derive(Default)]
struct Drawn {
    form: OrderForm,
    error: Option<&'static str>,
    /// The reason that was typed for an order.
    reason: Option<(ProposalId, String)>,
    asked: ListAsked,
}

impl Drawn {
    fn refused(form: OrderForm, error: &'static str) -> Self {
        Self {
            form,
            error: Some(error),
            ..Self::default()
        }
    }
}

/// Shows the orders.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadOrders>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let drawn = Drawn {
        asked,
        ..Drawn::default()
    };
    orders_page(&app, frame, &staff, drawn).await
}

/// Proposes one.
pub(super) async fn propose(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposeOrders>,
    SameOriginForm(form): SameOriginForm<OrderForm>,
) -> Result<Response, Problem> {
    let proposed = match form.request(&app) {
        Ok(request) => app.service.orders.propose(&staff, request).await,
        Err(text) => return orders_page(&app, frame, &staff, Drawn::refused(form, text)).await,
    };
    let mut form = form;
    let text = match proposed {
        Err(ServiceError::RequestKeyReused(_)) => {
            form.request.clear();
            "form-sent-before"
        }
        Ok(_) => return Ok(go_to("/officer/orders", None)),
        Err(ServiceError::BadField { field: "basis", .. }) => "order-bad-basis",
        Err(ServiceError::StepUpNeeded) => PASSKEY_FIRST,
        Err(ServiceError::TooManyWaiting { .. }) => "order-too-many-waiting",
        Err(ServiceError::UnknownPerson) => "order-unknown-person",
        Err(
            ServiceError::BadField {
                field: "people", ..
            }
            | ServiceError::TooMany { .. },
        ) => "order-too-many",
        Err(error) => return Err(error.into()),
    };
    orders_page(&app, frame, &staff, Drawn::refused(form, text)).await
}

/// Approves or rejects one.
pub(super) async fn decide(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::RejectOrders>,
    InPath(WireText(id)): InPath<ProposalText>,
    SameOriginForm(form): SameOriginForm<DecisionForm>,
) -> Result<Response, Problem> {
    let orders = &app.service.orders;
    let settled = match form.decision {
        Decision::Approve => orders.approve(&staff, id, &form.reason).await.map(|_| ()),
        Decision::Reject => orders.reject(&staff, id, &form.reason).await.map(|_| ()),
    };
    let text = match settled {
        Ok(()) => return Ok(go_to("/officer/orders", None)),
        Err(ServiceError::BadField { field: "until", .. }) => "order-over",
        Err(ServiceError::BadField {
            field: "people", ..
        }) => "order-too-many",
        Err(error) => refused_decision(error, "two-persons-own")?,
    };
    let drawn = Drawn {
        reason: Some((id, form.reason)),
        ..Drawn::refused(OrderForm::default(), text)
    };
    orders_page(&app, frame, &staff, drawn).await
}

impl OrderForm {
    fn request(&self, app: &App) -> Result<OrderRequest, &'static str> {
        let words = self.people.split(|c: char| c.is_whitespace() || c == ',');
        let people = words.filter(|word| !word.is_empty());
        let people: Option<Vec<Subject>> = people.map(named).collect();
        let people = people.ok_or("order-unknown-person")?;
        if people.is_empty() {
            return Err("order-nobody");
        }
        let mut colours = [Colour::Yellow, Colour::Red].into_iter();
        let colour = colours.find(|colour| colour.as_str() == self.colour);
        let mut hours = HOURS.into_iter();
        let hours = hours.find(|hours| hours.to_string() == self.hours);
        let (from, hours) = (app.service.now(), hours.ok_or("order-bad-form")?);
        Ok(OrderRequest {
            request: self.request.parse().ok(),
            people,
            colour: colour.ok_or("order-bad-form")?,
            from,
            until: from + SignedDuration::from_hours(i64::from(hours)),
            basis: self.basis.clone(),
        })
    }
}

/// Whom a word names: by the identifier, or by kind and number of the document as in `20/E12345678`.
fn named(word: &str) -> Option<Subject> {
    let Some((kind, number)) = word.split_once('/') else {
        return word.parse().ok().map(Subject::Person);
    };
    let document = Document::new(DocumentKind::from_code(kind)?, number);
    document.ok().map(Subject::Document)
}

async fn orders_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    drawn: Drawn,
) -> Result<Response, Problem> {
    let Drawn {
        form,
        error,
        reason,
        asked,
    } = drawn;
    let orders = &app.service.orders;
    let found = orders
        .page(staff, outcome(&asked), place_of(&asked))
        .await?;
    let next = found.next.map(written);
    let typed_for = |id: ProposalId| {
        let reason = reason.as_ref().filter(|(of, _)| *of == id);
        reason.map(|(_, typed)| typed.clone()).unwrap_or_default()
    };
    let orders = found.lines.into_iter().map(|order| Entry {
        typed: typed_for(order.id),
        ..entry(&frame, app, staff, order)
    });
    let form = &form;
    let (colours, hours) = choices(&frame, form);
    page(&OrdersPage {
        error,
        is_stale: must_show_passkey(app, staff) && error != Some(PASSKEY_FIRST),
        is_typed: error == Some(PASSKEY_FIRST),
        can_propose: staff.may(Action::ProposeOrders).is_ok(),
        can_approve: staff.may(Action::ApproveOrders).is_ok(),
        filter: ListFilter::new(&frame, "/officer/orders", &STATES, &asked, next),
        orders: orders.collect(),
        colours,
        hours,
        patients: patients(app, &frame),
        request: request_key(app, &form.request),
        form,
        frame,
    })
}

fn choices(frame: &Frame, form: &OrderForm) -> (Vec<Choice>, Vec<Choice>) {
    let colours = [Colour::Yellow, Colour::Red].map(|colour| {
        let label = frame.t(StatusStyle::from(colour).word());
        Choice::new(colour, label, form.colour == colour.as_str())
    });
    let hours = HOURS.map(|hours| {
        let label = frame.count("order-hours", &u32::from(hours));
        Choice::new(hours, label, form.hours == hours.to_string())
    });
    (colours.into(), hours.into())
}

fn entry(frame: &Frame, app: &App, staff: &Staff, order: OrderProposal) -> Entry {
    let calendar = Calendar::or_utc(frame, app);
    let style = StatusStyle::from(order.colour);
    let mut title = FluentArgs::new();
    title.set("colour", frame.t(style.word()));
    title.set("count", order.people.len());
    let mut lasts = FluentArgs::new();
    lasts.set("from", calendar.date_time(order.from));
    lasts.set("until", calendar.end(order.until));
    let state = match &order.settled {
        None => "order-waiting",
        Some(end) if end.is_approved => "proposal-approved",
        Some(_) => "proposal-rejected",
    };
    let is_own = order.proposed.staff == Some(staff.id());
    let settled = order.settled.as_ref();
    Entry {
        id: order.id.to_string(),
        shape: style.shape(),
        title: frame.language.fill("order-title", &title),
        state,
        lasts: frame.language.fill("order-lasts", &lasts),
        basis: order.basis,
        proposed: signed(frame, app, "proposal-by", &order.proposed),
        settled: settled.map(|end| signed(frame, app, "proposal-settled", &end.by)),
        reason: settled.map(|end| end.reason.clone()),
        people: order.people.iter().map(PersonId::to_string).collect(),
        is_waiting: order.settled.is_none(),
        is_own,
        typed: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
    use crate::testing::{Answer, City, percent_encoded};

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for is_stale in [false, true] {
                for state in ["order-waiting", "proposal-approved", "proposal-rejected"] {
                    let is_waiting = state == "order-waiting";
                    let entry = Entry {
                        id: "0".repeat(32),
                        shape: StatusStyle::Red.shape(),
                        title: "Red for 1 person".to_owned(),
                        state,
                        lasts: "Until tomorrow".to_owned(),
                        basis: "<b>Law".to_owned(),
                        proposed: "Proposed".to_owned(),
                        settled: (!is_waiting).then(|| "By Dr Zhao".to_owned()),
                        reason: (!is_waiting).then(|| "agreed".to_owned()),
                        people: vec!["0".repeat(32)],
                        is_waiting,
                        is_own: is_stale,
                        typed: "<b>Law".to_owned(),
                    };
                    let form = OrderForm::default();
                    let (colours, hours) = choices(&frame, &form);
                    let patient = PatientChoice {
                        person: "0".repeat(32),
                        name: "<b>Law".to_owned(),
                        about: "<b>Law".to_owned(),
                    };
                    let page = OrdersPage {
                        request: "0".repeat(32),
                        patients: vec![patient; usize::from(frame.is_demo)],
                        frame: frame.clone(),
                        error: is_stale.then_some("order-too-many"),
                        is_stale,
                        is_typed: !is_stale && frame.is_demo,
                        can_propose: true,
                        can_approve: true,
                        filter: {
                            let asked = ListAsked::default();
                            ListFilter::new(&frame, "/officer/orders", &STATES, &asked, None)
                        },
                        orders: if is_stale { Vec::new() } else { vec![entry] },
                        colours,
                        hours,
                        form: &form,
                    };
                    assert!(!assert_sound(&frame, &page).contains("<b>Law"));
                }
            }
        }
    }

    async fn send(city: &City, session: &str, address: &str, form: &str) -> Answer {
        let ask = city.post(&format!("/officer/orders{address}?lang=en"));
        ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
    }

    #[tokio::test]
    async fn one_proposes_an_order_on_the_page_and_another_approves_it() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let other = city.another_officer().await;
        let form = |people: &str, basis: &str| {
            let (people, basis) = (percent_encoded(people), percent_encoded(basis));
            format!("people={people}&colour=red&hours=24&basis={basis}")
        };
        for (people, basis, said) in [
            ("", "Law 39", "at least one"),
            ("nonsense", "Law 39", "Somebody on the list"),
            (&*"0".repeat(32), "Law 39", "Somebody on the list"),
            (&*ming.person, " ", "the law"),
        ] {
            let refused = send(&city, &city.health, "", &form(people, basis)).await;
            assert!(refused.text.contains(said), "{people}: {refused:?}");
        }
        let proposed = send(&city, &city.health, "", &form(&ming.person, "Law 39")).await;
        assert_eq!(proposed.status, 303, "{proposed:?}");
        let page = city.get("/officer/orders?lang=en");
        let page = page.cookie(SECURE_STAFF_COOKIE, &other).await;
        assert!(page.text.contains("Red for 1 person") && page.text.contains("Law 39"));
        let id = &page.text.split("action=\"/officer/orders/").nth(1).unwrap()[..32];
        let address = format!("/{id}");
        let by_document = send(&city, &city.health, "", &form("20/TEST-0815", "Law 39")).await;
        assert_eq!(by_document.status, 303, "{by_document:?}");
        let approve = "decision=approve&reason=seen";
        let own = send(&city, &city.health, &address, approve).await;
        assert_eq!(own.status, 403, "an officer does not approve: {own:?}");
        let silent = send(&city, &other, &address, "decision=approve&reason=").await;
        assert!(silent.text.contains("Please give a reason"), "{silent:?}");
        let approved = send(&city, &other, &address, approve).await;
        assert_eq!(approved.status, 303, "{approved:?}");
        let done = city.get("/officer/orders?lang=en");
        let done = done.cookie(SECURE_STAFF_COOKIE, &city.health).await;
        assert!(done.text.contains("<b>Approved</b>"), "{done:?}");
        assert!(done.text.contains("Dr Zhao"), "who approved: {done:?}");
        let read = async |address: &str| {
            let page = city.get(address).token(&ming.token);
            page.cookie(RESIDENT_COOKIE, &ming.session).await
        };
        for (lang, says) in [
            ("en", "ordered by two officials of City health office"),
            ("zh", "City health office的两名工作人员"),
        ] {
            let page = read(&format!("/me?lang={lang}")).await;
            let text = page.text.replace(['\u{2068}', '\u{2069}'], "");
            assert!(
                text.contains(says) && text.contains("Law 39"),
                "{lang}: {text}"
            );
        }
        let status = read("/api/v1/me/status?lang=en").await;
        let order = &status.json["restrictions"][0]["orders"][0];
        assert_eq!(order["basis"], "Law 39", "{status:?}");
        assert_eq!(
            order["offices"],
            serde_json::json!(["City health office", "City health office"])
        );
        assert!(order["until"].as_str() > status.json["at"].as_str());
        let late = send(&city, &other, &address, "decision=reject&reason=late").await;
        assert!(late.text.contains("decided this already"), "{late:?}");
        for (state, is_there) in [("approved", true), ("waiting", false), ("rejected", false)] {
            let list = city.get(&format!("/officer/orders?lang=en&state={state}"));
            let list = list.cookie(SECURE_STAFF_COOKIE, &other).await;
            assert_eq!(
                list.text.contains("Dr Zhao, "),
                is_there,
                "{state}: {list:?}"
            );
        }
    }

    #[tokio::test]
    async fn in_the_demonstration_people_are_chosen_by_name_and_officers_change_with_a_press() {
        let (city, _, wu) = City::start_demo().await;
        let page = city.get("/officer/orders?lang=en");
        let page = page.cookie(SECURE_STAFF_COOKIE, &city.health).await;
        let choice = format!("name=\"people\" value=\"{}\"", wu.person);
        assert!(page.text.contains("Mr Wu") && page.text.contains(&choice));
        assert!(page.text.contains("/staff/sign-in?then=orders"), "{page:?}");
        let form = format!("people={}&colour=yellow&hours=12&basis=Law+39", wu.person);
        let proposed = send(&city, &city.health, "", &form).await;
        assert_eq!(proposed.status, 303, "{proposed:?}");
    }
    #[tokio::test]
    async fn an_order_needs_the_passkey_again_and_nothing_that_was_typed_is_lost() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let other = city.another_officer().await;
        let form = format!("people={}&colour=red&hours=48&basis=Law+39", ming.person);
        city.later(6);
        let in_another_tab = "href=\"/staff/sign-in?then=orders\" target=\"_blank\"";
        let refused = send(&city, &city.health, "", &form).await;
        let hours = "value=\"48\" selected";
        for kept in [&*ming.person, hours, "Law 39", in_another_tab] {
            assert!(refused.text.contains(kept), "{kept}: {refused:?}");
        }
        // As the passkey that was shown in another tab.
        let again = city.browser_of(city.officer).await;
        assert_eq!(send(&city, &again, "", &form).await.status, 303);
        let page = city.get("/officer/orders?lang=en");
        let page = page.cookie(SECURE_STAFF_COOKIE, &again).await;
        let id = &page.text.split("action=\"/officer/orders/").nth(1).unwrap()[..32];
        let (address, approve) = (format!("/{id}"), "decision=approve&reason=two+agree");
        let refused = send(&city, &other, &address, approve).await;
        for kept in ["value=\"two agree\"", "value=\"approve\"", in_another_tab] {
            assert!(refused.text.contains(kept), "{kept}: {refused:?}");
        }
        let again = city.another_officer().await;
        assert_eq!(send(&city, &again, &address, approve).await.status, 303);
    }
}
