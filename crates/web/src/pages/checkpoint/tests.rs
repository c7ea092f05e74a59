use super::*;
use crate::pages::tests::{assert_sound, frames};
use crate::testing::{City, percent_encoded};

fn sample((_, result): (String, CheckResult)) -> CheckResult {
    let name = (result.answer == Answer::Document).then(|| "<b>ing".to_owned());
    CheckResult {
        form: Some(match result.answer {
            Answer::Document => form_text(Form::Card),
            Answer::Yellow => form_text(Form::Plain),
            _ => form_text(Form::Live),
        }),
        is_name_unchecked: name.is_none(),
        name,
        age: "now".to_owned(),
        ..result
    }
}

#[test]
fn every_result_renders_in_every_language_with_word_shape_and_colour() {
    for frame in frames() {
        let results = every_answer().into_iter().map(sample).map(Some);
        for result in results.chain([None]) {
            let answer = result.as_ref().map(|result| result.answer);
            let page = CheckpointPage {
                frame: frame.clone(),
                result,
                personas: Vec::new(),
                door: None,
                visit: None,
                recorded: None,
            };
            let html = assert_sound(&frame, &page);
            assert!(!html.contains("<b>"), "a name is escaped");
            let Some(answer) = answer else { continue };
            assert!(html.contains(answer.shape()));
            let shown = format!("result {}\" role=\"alert\"", answer.style().class());
            assert!(html.contains(&shown), "{html}");
        }
    }
}

#[test]
fn guards_read_every_answer_in_every_language() {
    for frame in frames() {
        let answers = every_answer();
        let html = AnswersPage {
            frame: frame.clone(),
            answers: answers.clone(),
        };
        let html = html.render().unwrap();
        assert!(!html.contains('⟦'), "a text is missing: {html}");
        for (name, result) in answers {
            assert!(html.contains(&format!("data-for=\"{name}\"")), "{name}");
            let help = frame.t(&result.help).replace('\'', "&#39;");
            assert_eq!(html.matches(&help).count(), 2, "{name}");
        }
    }
}

#[tokio::test]
async fn a_scanner_fetches_everything_it_needs_to_work_alone() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let card = city.post("/api/v1/me/codes/card").token(&ming.token).await;
    let known = city.get("/checkpoint/knowledge").await;
    let roots: Vec<&str> = known.json["roots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|root| root.as_str().unwrap())
        .collect();
    let mut scanner =
        scanner::Scanner::new(roots.iter().map(|root| root.parse().unwrap()).collect());
    let trust = city.get("/api/v1/trust-list").await.bytes;
    scanner.take_trust_list(&trust, city.now()).unwrap();
    for list in 0..known.json["lists"].as_u64().unwrap() {
        let list = city
            .get(&format!("/api/v1/status-lists/{list}"))
            .await
            .bytes;
        scanner.take_status_list(&list).unwrap();
    }
    city.later(20 * 60);
    let text = card.json["text"].as_str().unwrap();
    let checked = scanner.check(text, city.now());
    let answer = scanner::to_json(checked.as_ref());
    assert_eq!(answer["answer"], "document", "{answer}");
    city.later(5 * 60);
    let checked = scanner.check(text, city.now());
    assert_eq!(
        scanner::to_json(checked.as_ref())["refusal"],
        "trust-list-ran-out"
    );
    let page = city.get("/checkpoint/answers?lang=en").await.text;
    for answer in ["document", "trust-list-ran-out"] {
        assert!(page.contains(&format!("data-for=\"{answer}\"")), "{answer}");
    }
}

#[tokio::test]
async fn a_guard_scans_green_then_red_and_learns_no_name() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    city.is_seen(&ming).await;
    let phone = city.phone(&ming, 7).await;
    let scan = async || {
        let text = city.live_code(&ming, &phone).await;
        let form = format!("code={}", percent_encoded(&text));
        city.post("/checkpoint?lang=en").form(&form).await.text
    };
    let green = scan().await;
    assert!(
        green.contains("result green") && green.contains("May pass"),
        "{green}"
    );
    assert!(green.contains("Shown live") && !green.contains("Name not checked"));
    let contact = city.close_contact(&ming);
    city.submit(&city.health, &contact).await;
    let red = scan().await;
    assert!(
        red.contains("result red") && red.contains("Must be at home"),
        "{red}"
    );
    assert!(!red.contains("Ming") && !red.contains("Close contact"));
}

#[tokio::test]
async fn a_code_that_can_be_copied_is_never_plain_green() {
    let city = City::start().await;
    let ming = city.well_resident("Ming Li").await;
    for (form, shown) in [
        ("plain", "Shown without the signature of a phone"),
        ("card", "A printed card"),
    ] {
        let address = format!("/api/v1/me/codes/{form}");
        let code = city.post(&address).token(&ming.token).await;
        let text = code.json["text"].as_str().unwrap().to_owned();
        let body = format!("code={}", percent_encoded(&text));
        let page = city.post("/checkpoint?lang=en").form(&body).await.text;
        assert!(page.contains("result document"), "{page}");
        assert!(page.contains("Look at the document") && page.contains(shown));
        assert!(!page.contains("result green") && !page.contains("May pass"));
        assert_eq!(page.contains("M. L."), form == "card");
    }
}

#[tokio::test]
async fn a_code_of_an_account_that_is_not_seen_is_never_plain_green() {
    let city = City::start().await;
    for (seed, who, assurance) in [
        (7, city.well_resident("Ming").await, "claimed"),
        (8, city.proven_resident("Wu").await, "phone"),
    ] {
        let phone = city.phone(&who, seed).await;
        let text = city.live_code(&who, &phone).await;
        let form = format!("code={}", percent_encoded(&text));
        let page = city.post("/checkpoint?lang=en").form(&form).await.text;
        assert!(page.contains("result document"), "{page}");
        assert!(page.contains("Look at the document") && page.contains("Name not checked"));
        assert!(page.contains("nobody has seen the document"), "{page}");
        assert!(!page.contains("result green") && !page.contains("May pass"));
        city.later(1);
        let text = city.live_code(&who, &phone).await;
        let body = serde_json::json!({ "code": text });
        let checked = city.post("/api/v1/verifications").json(&body).await;
        assert_eq!(checked.json["assurance"], assurance, "{checked:?}");
        assert_eq!(checked.json["colour"], "green");
        assert_eq!(checked.json["look_at_document"], true);
    }
}

#[tokio::test]
async fn a_forged_code_is_no_colour() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let card = city.post("/api/v1/me/codes/card").token(&ming.token).await;
    let mut text = card.json["text"].as_str().unwrap().to_owned();
    let last = text.pop().unwrap();
    text.push(if last == '0' { '1' } else { '0' });
    let answer = city
        .post("/checkpoint?lang=en")
        .form(&format!("code={}", percent_encoded(&text)))
        .await;
    assert!(answer.text.contains("result refused"), "{}", answer.text);
    assert!(!answer.text.contains("result green"));
}

#[tokio::test]
async fn in_the_demonstration_a_copy_of_the_first_code_is_refused_once_the_colour_turned() {
    let (city, ming, _) = City::start_demo().await;
    let scan = "Scan a copy of Ming&#39;s first code";
    let page = city.get("/checkpoint?lang=en").await;
    assert!(!page.text.contains(scan), "nothing was scanned yet");
    city.post("/demo/scan").form("persona=ming").await;
    let contact = city.close_contact(&ming);
    city.submit(&city.health, &contact).await;
    let page = city.get("/checkpoint?lang=en").await.text;
    assert!(page.contains(scan), "{page}");
    let (_, copy) = page.split_once("name=\"code\" value=\"").unwrap();
    let (copy, _) = copy.split_once('"').unwrap();
    let answer = city
        .post("/checkpoint?lang=en")
        .form(&format!("code={}", percent_encoded(copy)))
        .await;
    assert!(answer.text.contains("result refused"), "{}", answer.text);
}

#[tokio::test]
async fn in_the_demonstration_a_button_scans_a_residents_page() {
    let (city, ..) = City::start_demo().await;
    let page = city.get("/checkpoint?lang=en").await;
    assert!(page.text.contains("Scan Ming&#39;s code"), "{}", page.text);
    let answer = city.post("/demo/scan?lang=en").form("persona=ming").await;
    assert!(answer.text.contains("result document"));
    assert_eq!(
        city.post("/demo/scan").form("persona=nobody").await.status,
        404
    );
}
