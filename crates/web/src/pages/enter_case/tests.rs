use super::super::tests::{assert_sound, frames};
use super::*;
use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
use crate::testing::{Answer, City, Person};

async fn send(city: &City, form: &str) -> Answer {
    let ask = city.post("/officer/cases/new?lang=en");
    let ask = ask.cookie(SECURE_STAFF_COOKIE, &city.health);
    ask.form(form).await
}

fn case(person: &Person) -> String {
    format!("kind=id&document={}&onset=2020-02-19", person.person)
}

#[test]
fn the_form_renders_in_every_language_with_and_without_errors_and_people_to_choose() {
    for frame in frames() {
        for is_refused in [false, true] {
            let mut errors = Errors::default();
            let mut typed = Typed::default();
            if is_refused {
                typed.0.insert("n3".into(), "\"><b>".into());
                errors.add("n3", frame.t("enter-bad-number"));
                errors.add("onset", frame.t("officer-bad-onset"));
            }
            let patient = PatientChoice {
                person: "0".repeat(32),
                name: "Mr Wu".into(),
                about: "Tested this morning.".into(),
            };
            let around = Around {
                is_stale: is_refused,
                today: "2020-02-20".into(),
                request: "0".repeat(32),
                patients: if frame.is_demo {
                    vec![patient]
                } else {
                    Vec::new()
                },
                known: is_refused.then(|| "/officer/cases/0/0".to_owned()),
            };
            let html = assert_sound(&frame, &drawn(frame.clone(), &typed, errors, around));
            assert_eq!(html.contains("aria-invalid"), is_refused);
            assert_eq!(html.contains("href=\"#n3\""), is_refused);
            assert!(!html.contains("\"><b>"), "what was typed is escaped");
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
    let desk = get("/officer/cases/new?lang=en").await;
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
        .post("/officer/cases/new")
        .cookie(SECURE_STAFF_COOKIE, &session)
        .form(&form)
        .await;
    assert_eq!(confirmed.status, 303, "{confirmed:?}");
    let address = confirmed.headers["location"].to_str().unwrap().to_owned();
    let running = get(&format!("{address}&lang=en")).await;
    assert!(
        running.text.contains("http-equiv=\"refresh\""),
        "{}",
        running.text
    );
    city.service.tracing.run_traces().await.unwrap();
    let done = get(&format!("{address}&lang=en")).await;
    assert!(done.text.contains("1 person was found") && done.text.contains("Look at Ming"));

    let opened = city.post("/demo/resident").form("persona=ming").await;
    let session = opened.cookie(RESIDENT_COOKIE).unwrap();
    let code = city
        .get("/me?lang=en")
        .cookie(RESIDENT_COOKIE, &session)
        .await;
    assert!(code.text.contains("verdict red") && code.text.contains("Contact tracing"));
}

#[tokio::test]
async fn a_case_is_entered_with_the_people_whom_it_names() {
    let city = City::start().await;
    let wu = city.well_resident("Wu").await;
    let ming = city.well_resident("Ming").await;
    let form = format!(
        "{}&k1=id&n1={}&r1=close&f1=2020-02-18&l1=2020-02-19&m1=40\
         &k2=20&n2=E1234567&a2=e1234567&r2=household&f2=2020-02-19",
        case(&wu),
        ming.person
    );
    let entered = send(&city, &form).await;
    assert_eq!(entered.status, 303, "{entered:?}");
    let address = entered.headers["location"].to_str().unwrap();
    assert!(address.ends_with("?entered=2"), "{address}");
    assert_eq!(city.status(&ming).await, "red");
}

#[tokio::test]
async fn one_wrong_line_and_nothing_is_written_and_nothing_that_was_typed_is_lost() {
    let city = City::start().await;
    let wu = city.well_resident("Wu").await;
    let ming = city.well_resident("Ming").await;
    let good = format!("k1=id&n1={}&f1=2020-02-18", ming.person);
    let table = [
        ("n2=&f2=2020-02-18".to_owned(), "n2", "Give a number"),
        (
            format!("k2=id&n2={}&f2=2020-02-18", "0".repeat(32)),
            "n2",
            "There is no such person",
        ),
        (
            format!("k2=id&n2={}&f2=2020-02-18", wu.person),
            "n2",
            "That is the case itself",
        ),
        (
            format!("k2=id&n2={}&f2=2020-02-18", ming.person),
            "n2",
            "as line 1",
        ),
        (
            "k2=20&n2=E1234567&a2=E1234568&f2=2020-02-18".to_owned(),
            "a2",
            "differ",
        ),
        (
            "k2=10&n2=110101199003070001&f2=2020-02-18".to_owned(),
            "n2",
            "last digit",
        ),
        (
            "k2=20&n2=E%21&f2=2020-02-18".to_owned(),
            "n2",
            "letters and digits",
        ),
        (
            "k2=20&n2=E1234567&a2=E1234567&f2=2020-02-25".to_owned(),
            "f2",
            "not in the future",
        ),
        (
            "k2=20&n2=E1234567&a2=E1234567&f2=2020-02-18&l2=2020-02-17".to_owned(),
            "l2",
            "before",
        ),
        (
            "k2=20&n2=E1234567&a2=E1234567&f2=2020-02-18&m2=long".to_owned(),
            "m2",
            "minutes",
        ),
        (
            "k2=20&n2=E1234567&a2=E1234567".to_owned(),
            "f2",
            "Give the first day",
        ),
    ];
    for (line, field, words) in table {
        let refused = send(&city, &format!("{}&{good}&{line}", case(&wu))).await;
        assert_eq!(refused.status, 422, "{line}: {refused:?}");
        assert!(
            refused.text.contains("<title>Error: "),
            "{line}: {refused:?}"
        );
        assert!(
            refused.text.contains(&format!("href=\"#{field}\"")),
            "{line}: {refused:?}"
        );
        assert!(refused.text.contains(words), "{line}: {refused:?}");
        for kept in [&*ming.person, &*wu.person, "2020-02-19", "2020-02-18"] {
            assert!(
                refused.text.contains(&format!("value=\"{kept}\"")),
                "{line}: {kept}"
            );
        }
        assert_eq!(city.status(&ming).await, "green", "{line}");
    }
}

#[tokio::test]
async fn a_case_needs_the_passkey_again_and_nothing_that_was_typed_is_lost() {
    let city = City::start().await;
    let wu = city.well_resident("Wu").await;
    city.later(6);
    let refused = send(&city, &case(&wu)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    for kept in [
        &*format!("value=\"{}\"", wu.person),
        "value=\"2020-02-19\"",
        "href=\"/staff/sign-in?then=case\" target=\"_blank\"",
    ] {
        assert!(refused.text.contains(kept), "{kept}: {refused:?}");
    }
    let body = serde_json::json!({ "person": wu.person });
    let program = city.post("/api/v1/cases").token(&city.health);
    let program = program.json(&body).await;
    assert_eq!(program.json["type"], "/problems/step-up-needed");
    // As the passkey that was shown in another tab.
    let again = city.browser_of(city.officer).await;
    let ask = city.post("/officer/cases/new");
    let ask = ask.cookie(SECURE_STAFF_COOKIE, &again);
    assert_eq!(ask.form(&case(&wu)).await.status, 303);
}

#[tokio::test]
async fn a_case_that_a_colleague_entered_a_moment_before_is_told_and_not_doubled() {
    let city = City::start().await;
    let wu = city.well_resident("Wu").await;
    assert_eq!(send(&city, &case(&wu)).await.status, 303);
    city.later(1);
    let second = send(&city, &case(&wu)).await;
    assert_eq!(second.status, 422, "{second:?}");
    let address = format!("href=\"/officer/cases/{}/", wu.person);
    for shown in ["Your office has this person", &address, "name=\"another\""] {
        assert!(second.text.contains(shown), "{shown}: {second:?}");
    }
    let another = send(&city, &format!("{}&another=yes", case(&wu))).await;
    assert_eq!(another.status, 303, "{another:?}");
}

#[tokio::test]
async fn a_person_who_does_not_exist_and_a_day_to_come_are_said() {
    let city = City::start().await;
    let wu = city.well_resident("Wu").await;
    let nobody = send(&city, &format!("kind=id&document={}", "0".repeat(32))).await;
    assert!(
        nobody.text.contains("There is no such person"),
        "{nobody:?}"
    );
    let tomorrow = format!("kind=id&document={}&onset=2020-02-21", wu.person);
    let tomorrow = send(&city, &tomorrow).await;
    assert!(
        tomorrow.text.contains("a day that is not in the future"),
        "{tomorrow:?}"
    );
}

#[tokio::test]
async fn a_case_that_was_taken_back_by_mistake_is_entered_again_on_the_same_day_with_its_time() {
    let city = City::start().await;
    let wu = city.well_resident("Wu").await;
    let form = format!("{}&found=2020-02-19", case(&wu));
    let entered = send(&city, &form).await;
    assert_eq!(entered.status, 303, "{entered:?}");
    let address = entered.headers["location"].to_str().unwrap();
    let diagnosis = address
        .split('?')
        .next()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let withdrawal = city.post(&format!("/api/v1/evidence/{diagnosis}/withdrawal"));
    let body = serde_json::json!({ "person": wu.person });
    assert_eq!(withdrawal.token(&city.health).json(&body).await.status, 201);
    let again = send(&city, &form).await;
    assert_eq!(again.status, 422, "{again:?}");
    for words in ["entered before and taken back", "href=\"#found_time\""] {
        assert!(again.text.contains(words), "{words}: {again:?}");
    }
    for time in ["25:00", "noon"] {
        let refused = send(&city, &format!("{form}&found_time={time}")).await;
        assert!(refused.text.contains("a time like 14:05"), "{refused:?}");
    }
    let exact = send(&city, &format!("{form}&found_time=14:05")).await;
    assert_eq!(exact.status, 303, "{exact:?}");
}
