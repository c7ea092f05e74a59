//! `/officer`: confirm a case.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{PersonId, RequestKey};
use jiff::civil::Date;
use serde::Deserialize;
use service::{Action, CaseReport, ServiceError, Staff, Subject};

use super::dates::Calendar;
use super::staff_account::new_ways_in;
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, StaffSession, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the officer chose.
#[derive(Default, Deserialize)]
pub(super) struct CaseForm {
    request: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    onset: String,
}

#[derive(Template)]
#[template(path = "officer.html")]
struct DeskPage<'f> {
    frame: Frame,
    authority: String,
    /// Whether they may confirm cases, rather than only look on from here.
    can_confirm: bool,
    /// Whether the passkey must be shown before a case is confirmed.
    is_stale: bool,
    /// Accounts of providers that open theirs since lately, each as a sentence.
    new_ways_in: Vec<String>,
    can_keep_accounts: bool,
    can_keep_venues: bool,
    can_read_orders: bool,
    can_answer_appeals: bool,
    can_settle: bool,
    can_take_in: bool,
    can_read_proposals: bool,
    can_read_statistics: bool,
    can_read_staff: bool,
    can_read_alarms: bool,
    can_read_log: bool,
    can_open_records: bool,
    /// People to choose from, in the demonstration.
    patients: Vec<PatientChoice>,
    form: &'f CaseForm,
    error: Option<&'static str>,
    today: String,
    request: String,
}

/// Somebody of the demonstration who can be confirmed as a case, or ordered.
#[derive(Clone)]
pub(super) struct PatientChoice {
    pub(super) person: String,
    pub(super) name: String,
    pub(super) about: String,
}

/// People of the demonstration to choose from; none when it does not run.
pub(super) fn patients(app: &App, frame: &Frame) -> Vec<PatientChoice> {
    let patients = app.settings.demo.iter().flat_map(|demo| &demo.patients);
    let patients = patients.map(|patient| PatientChoice {
        person: patient.person.to_string(),
        name: patient.name.in_language(frame.language).to_owned(),
        about: patient.about.in_language(frame.language).to_owned(),
    });
    patients.collect()
}

/// Shows the desk.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffSession(staff): StaffSession,
) -> Result<Response, Problem> {
    let patient = app
        .settings
        .demo
        .as_ref()
        .and_then(|demo| demo.patients.first());
    let onset = patient
        .and_then(|patient| patient.onset)
        .map(|onset| onset.to_string());
    let form = CaseForm {
        onset: onset.unwrap_or_default(),
        ..CaseForm::default()
    };
    desk_page(&app, frame, &staff, &form, None).await
}

/// Puts the diagnosis on record and shows the search for contacts.
pub(super) async fn confirm(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ConfirmCase>,
    SameOriginForm(form): SameOriginForm<CaseForm>,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, &app)?;
    let report = match read(&form, &calendar) {
        Ok(report) => report,
        Err(text) => return desk_page(&app, frame, &staff, &form, Some(text)).await,
    };
    let text = match app.service.tracing.confirm_case(&staff, report).await {
        Ok(case) => {
            let address = format!("/officer/cases/{}/{}", case.person, case.diagnosis);
            return Ok(go_to(&address, None));
        }
        Err(ServiceError::StepUpNeeded) => "step-up-first",
        Err(ServiceError::UnknownPerson) => "officer-bad-person",
        Err(ServiceError::BadField { field: "onset", .. }) => "officer-bad-onset",
        Err(error) => return Err(error.into()),
    };
    desk_page(&app, frame, &staff, &form, Some(text)).await
}

fn read(form: &CaseForm, calendar: &Calendar) -> Result<CaseReport, &'static str> {
    let person: PersonId = form
        .person
        .trim()
        .parse()
        .map_err(|_| "officer-bad-person")?;
    let onset = match form.onset.trim() {
        "" => None,
        day => {
            let day: Date = day.parse().map_err(|_| "officer-bad-onset")?;
            Some(calendar.start_of(day).ok_or("officer-bad-onset")?)
        }
    };
    Ok(CaseReport {
        request: form.request.parse().ok(),
        subject: Subject::Person(person),
        found_at: None,
        onset,
        is_asymptomatic: false,
    })
}

async fn desk_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    form: &CaseForm,
    error: Option<&'static str>,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, app)?;
    let new_ways_in = new_ways_in(app, &frame, &calendar, staff).await?;
    page(&DeskPage {
        is_stale: must_show_passkey(app, staff),
        new_ways_in,
        patients: patients(app, &frame),
        authority: format!("{}, {}", staff.member().name, staff.authority().name),
        can_confirm: staff.may(Action::ConfirmCase).is_ok(),
        can_keep_accounts: staff.may(Action::KeepAccounts).is_ok(),
        can_keep_venues: staff.may(Action::KeepVenues).is_ok(),
        can_read_orders: staff.may(Action::ReadOrders).is_ok(),
        can_answer_appeals: staff.may(Action::AnswerAppeals).is_ok(),
        can_settle: staff.may(Action::SettleContradictions).is_ok(),
        can_take_in: staff.may(Action::TakeInVisits).is_ok(),
        can_read_proposals: staff.may(Action::ReadProposals).is_ok(),
        can_read_statistics: staff.may(Action::ReadStatistics).is_ok(),
        can_read_staff: staff.may(Action::ReadStaff).is_ok(),
        can_read_alarms: staff.may(Action::ReadAlarms).is_ok(),
        can_read_log: staff.may(Action::ReadLog).is_ok(),
        can_open_records: staff.may(Action::OpenRecord).is_ok(),
        form,
        error,
        today: calendar.date(app.service.now()).to_string(),
        request: RequestKey::generate(&*app.settings.ids).to_string(),
        frame,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
    use crate::testing::City;

    #[test]
    fn the_desk_renders_in_every_language_with_and_without_a_list_of_people() {
        for frame in frames() {
            for error in [None, Some("officer-bad-person"), Some("officer-bad-onset")] {
                let patient = PatientChoice {
                    person: "0".repeat(32),
                    name: "Mr Wu".into(),
                    about: "Tested this morning.".into(),
                };
                assert_sound(
                    &frame,
                    &DeskPage {
                        frame: frame.clone(),
                        authority: "City health office".into(),
                        can_confirm: error.is_none(),
                        is_stale: error.is_none(),
                        new_ways_in: vec!["<b>The office, since today".to_owned()],
                        can_keep_accounts: error.is_none(),
                        can_keep_venues: error.is_none(),
                        can_read_orders: error.is_none(),
                        can_answer_appeals: error.is_none(),
                        can_settle: error.is_none(),
                        can_take_in: error.is_none(),
                        can_read_proposals: error.is_none(),
                        can_read_statistics: error.is_none(),
                        can_read_staff: error.is_none(),
                        can_read_alarms: error.is_none(),
                        can_read_log: error.is_none(),
                        can_open_records: error.is_none(),
                        patients: if frame.is_demo {
                            vec![patient]
                        } else {
                            Vec::new()
                        },
                        form: &CaseForm::default(),
                        error,
                        today: "2020-02-20".into(),
                        request: "0".repeat(32),
                    },
                );
            }
        }
    }

    #[tokio::test]
    async fn a_confirmed_case_turns_the_codes_of_those_who_were_there() {
        let (city, ming, wu) = City::start_demo().await;
        let noodles = city.venue("Noodle bar").await;
        city.visited(&wu, &noodles, 30, 28).await;
        city.visited(&ming, &noodles, 29, 28).await;

        let pressed = city.post("/demo/officer").form("officer=lin").await;
        let session = pressed.cookie(SECURE_STAFF_COOKIE).unwrap();
        let get = |address: &str| city.get(address).cookie(SECURE_STAFF_COOKIE, &session);
        let desk = get("/officer?lang=en").await;
        assert!(
            desk.text.contains("Mr Wu") && desk.text.contains("2020-02-19"),
            "{}",
            desk.text
        );
        let form = format!(
            "request={}&person={}&onset=2020-02-19",
            "0".repeat(32),
            wu.person
        );
        let confirmed = city
            .post("/officer")
            .cookie(SECURE_STAFF_COOKIE, &session)
            .form(&form)
            .await;
        assert_eq!(confirmed.status, 303, "{confirmed:?}");
        let address = confirmed.headers["location"].to_str().unwrap().to_owned();
        let running = get(&format!("{address}?lang=en")).await;
        assert!(
            running.text.contains("http-equiv=\"refresh\""),
            "{}",
            running.text
        );
        city.service.tracing.run_traces().await.unwrap();
        let done = get(&format!("{address}?lang=en")).await;
        assert!(done.text.contains("1 person was found") && done.text.contains("Look at Ming"));
        assert!(!done.text.contains(&ming.person), "counts, never people");

        let opened = city.post("/demo/resident").form("persona=ming").await;
        let session = opened.cookie(RESIDENT_COOKIE).unwrap();
        let code = city
            .get("/me?lang=en")
            .cookie(RESIDENT_COOKIE, &session)
            .await;
        assert!(code.text.contains("verdict red") && code.text.contains("Contact tracing"));
    }

    #[tokio::test]
    async fn a_case_needs_the_passkey_again_and_nothing_that_was_typed_is_lost() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        city.later(6);
        let form = format!("request=&person={}&onset=2020-02-19", wu.person);
        let ask = city.post("/officer?lang=en");
        let ask = ask.cookie(SECURE_STAFF_COOKIE, &city.health);
        let refused = ask.form(&form).await;
        assert_eq!(refused.status, 200, "{refused:?}");
        for kept in [
            &*format!("value=\"{}\"", wu.person),
            "value=\"2020-02-19\"",
            "href=\"/staff/sign-in?then=desk\" target=\"_blank\"",
        ] {
            assert!(refused.text.contains(kept), "{kept}: {refused:?}");
        }
        let body = serde_json::json!({ "person": wu.person });
        let program = city.post("/api/v1/cases").token(&city.health);
        let program = program.json(&body).await;
        assert_eq!(program.json["type"], "/problems/step-up-needed");
        // As the passkey that was shown in another tab.
        let again = city.browser_of(city.officer).await;
        let ask = city.post("/officer").cookie(SECURE_STAFF_COOKIE, &again);
        assert_eq!(ask.form(&form).await.status, 303);
    }

    #[tokio::test]
    async fn a_person_who_does_not_exist_and_a_day_to_come_are_said() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let send = |person: &str, onset: &str| {
            let form = format!("request=&person={person}&onset={onset}");
            city.post("/officer?lang=en")
                .cookie(SECURE_STAFF_COOKIE, &city.health)
                .form(&form)
        };
        let nobody = send(&"0".repeat(32), "").await;
        assert!(
            nobody.text.contains("There is no such person"),
            "{nobody:?}"
        );
        let tomorrow = send(&wu.person, "2020-02-21").await;
        assert!(
            tomorrow.text.contains("a day that is not in the future"),
            "{tomorrow:?}"
        );
    }
}
