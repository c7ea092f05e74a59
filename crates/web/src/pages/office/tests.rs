//! A community worker at the page of the office, and what the holder reads of it.

use domain::{AuthorityKind, Role};

use super::super::tests::{assert_sound, frames};
use super::*;
use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
use crate::testing::{Answer, City, Person};

#[test]
fn the_page_renders_in_every_language_with_everything_found_and_nothing() {
    let form = OfficeForm {
        number: "\"><b>".to_owned(),
        other_number: "\"><b>".to_owned(),
        reason: "\"><b>".to_owned(),
        ..OfficeForm::default()
    };
    let assurances = [Assurance::Claimed, Assurance::Phone, Assurance::Seen];
    let claims = || {
        let claim = |assurance| ClaimView {
            account: "1".repeat(32),
            assurance: assurance_text(assurance),
            is_seen: assurance == Assurance::Seen,
            opened: "today".to_owned(),
            phone_ends: (assurance != Assurance::Phone).then(|| "<b".to_owned()),
        };
        assurances.map(claim).into()
    };
    let holder = |relation| HolderView {
        account: "2".repeat(32),
        relation,
        since: "today".to_owned(),
    };
    let holders = || ["office-held-guardian", "office-held-consent"].map(holder);
    let texts = [
        "register-bad-document",
        "office-undeclared",
        "office-not-theirs",
        "office-ended-already",
        "office-bound-already",
        "office-released-already",
        "office-agreement-used",
        "office-no-relation",
        "office-adult",
        "step-up-first",
    ];
    let done = [
        "office-done-bind",
        "office-done-release",
        "office-done-add",
        "office-done-end",
        "office-second",
    ];
    for frame in frames() {
        for (text, done) in texts.into_iter().zip(done.into_iter().cycle()) {
            for is_known in [false, true] {
                let found = Found {
                    document: "Passport <b>".to_owned(),
                    claims: if is_known { claims() } else { Vec::new() },
                    holders: if is_known {
                        holders().into()
                    } else {
                        Vec::new()
                    },
                };
                let page = OfficePage {
                    frame: frame.clone(),
                    form: &form,
                    error: is_known.then_some(FormError {
                        field: "other_number",
                        text,
                    }),
                    done: (!is_known).then_some(done),
                    is_stale: is_known,
                    kinds: kinds(&frame, "10"),
                    other_kinds: kinds(&frame, "20"),
                    found: Some(found),
                };
                assert!(!assert_sound(&frame, &page).contains("Passport <b>"));
            }
        }
    }
}

/// Somebody at a desk of the office.
struct Desk<'c>(&'c City);

impl Desk<'_> {
    async fn press(&self, act: &str, document: &str, more: &str) -> Answer {
        let form = format!("act={act}&kind=99&number={document}&{more}");
        let ask = self.0.post("/officer/office?lang=en");
        let ask = ask.cookie(SECURE_STAFF_COOKIE, &self.0.community);
        ask.form(&form).await
    }

    async fn account_of(&self, person: &Person) -> String {
        let found = self.press("find", &person.document, "").await;
        let account = found.text.split("name=\"account\" value=\"").nth(1);
        account.unwrap()[..32].to_owned()
    }
}

async fn trail(city: &City, session: &str) -> String {
    let page = city.get("/me/security?lang=en");
    page.cookie(RESIDENT_COOKIE, session).await.text
}

#[tokio::test]
async fn a_worker_finds_connects_prints_and_disconnects_and_the_holder_reads_it() {
    let city = City::start().await;
    let desk = Desk(&city);
    let ming = city.well_resident("Ming").await;
    let nobody = desk.press("find", "NOBODY01", "").await;
    assert!(nobody.text.contains("No account"), "{nobody:?}");
    let bad = desk.press("find", "x", "").await;
    assert!(bad.text.contains("4 to 32 letters"), "{bad:?}");
    let found = desk.press("find", &ming.document, "").await;
    assert!(found.text.contains("ends in 00"), "{found:?}");
    assert!(!found.text.contains("Ming"), "no name is shown: {found:?}");
    let account = format!("account={}", desk.account_of(&ming).await);
    let other = desk.press("bind", "OTHER001", &account).await;
    assert!(
        other.text.contains("not an account of this document"),
        "{other:?}"
    );
    let bound = desk.press("bind", &ming.document, &account).await;
    assert!(bound.text.contains("is connected now"), "{bound:?}");
    let form = format!("kind=99&number={}", ming.document);
    let card = city.post("/officer/office/card?lang=en");
    let card = card.cookie(SECURE_STAFF_COOKIE, &city.community);
    let card = card.form(&form).await;
    assert!(
        card.text.contains("paper-card") && card.text.contains("<svg"),
        "{card:?}"
    );
    assert!(!card.text.contains("href=\"/me\">"), "{card:?}");
    let read = trail(&city, &ming.session).await;
    for words in [
        "You are known",
        "An office saw your document",
        "An office looked up your document",
        "An office printed a card",
    ] {
        assert!(read.contains(words), "{words}: {read}");
    }
    let released = desk.press("release", &ming.document, &account).await;
    assert!(released.text.contains("is disconnected"), "{released:?}");
    let late = desk.press("release", &ming.document, &account).await;
    assert!(
        late.text.contains("released a moment before"),
        "who was slower is told: {late:?}"
    );
    let signed_out = city.get("/me").cookie(RESIDENT_COOKIE, &ming.session).await;
    assert_eq!(signed_out.status, 303);
}

#[tokio::test]
async fn a_card_needs_a_health_report_first() {
    let city = City::start().await;
    let card = city.post("/officer/office/card?lang=en");
    let card = card.cookie(SECURE_STAFF_COOKIE, &city.community);
    let card = card.form("kind=99&number=NOBODY01").await;
    assert!(card.text.contains("no health report"), "{card:?}");
}

#[tokio::test]
async fn a_worker_adds_an_adult_who_agrees_and_ends_it_when_they_say_so() {
    let city = City::start().await;
    let desk = Desk(&city);
    let (ming, gran) = (
        city.well_resident("Ming").await,
        city.well_resident("Gran").await,
    );
    let account = desk.account_of(&ming).await;
    let add = |relation: &str| {
        format!(
            "account={account}&relation={relation}&other_kind=99&other_number={}",
            gran.document
        )
    };
    let early = desk.press("add", &ming.document, &add("guardian")).await;
    assert!(
        early.text.contains("Connect the account first"),
        "{early:?}"
    );
    let bind = format!("account={account}");
    desk.press("bind", &ming.document, &bind).await;
    for (relation, said) in [
        ("nonsense", "Say why"),
        ("consent", "Say why"),
        ("consent-in-office", "may show"),
    ] {
        let answer = desk.press("add", &ming.document, &add(relation)).await;
        assert!(answer.text.contains(said), "{relation}: {answer:?}");
    }
    let people = || {
        let page = city.get("/me/people?lang=en");
        page.cookie(RESIDENT_COOKIE, &ming.session)
    };
    assert!(people().await.text.contains("By consent"));
    let held = desk.press("find", &gran.document, "").await;
    assert!(held.text.contains("consent, since"), "{held:?}");
    let ended = desk.press("end", &gran.document, &bind).await;
    assert!(ended.text.contains("no longer"), "{ended:?}");
    assert!(!people().await.text.contains("By consent"));
    assert!(
        trail(&city, &ming.session)
            .await
            .contains("Somebody was removed")
    );
    let again = desk.press("end", &gran.document, &bind).await;
    assert!(again.text.contains("ended already"), "{again:?}");
}

#[tokio::test]
async fn a_worker_writes_why_an_adult_has_a_guardian_and_it_is_read() {
    let city = City::start().await;
    let desk = Desk(&city);
    let ming = city.well_resident("Ming").await;
    let account = format!("account={}", desk.account_of(&ming).await);
    desk.press("bind", &ming.document, &account).await;
    let add = |reason: &str| {
        format!(
            "{account}&relation=guardian&other_kind=10&other_number=990101199003077719&reason={reason}"
        )
    };
    for reason in ["", "++"] {
        let refused = desk.press("add", &ming.document, &add(reason)).await;
        assert!(
            refused.text.contains("This is the document of an adult"),
            "{refused:?}"
        );
    }
    let added = desk
        .press("add", &ming.document, &add("district+court"))
        .await;
    assert!(added.text.contains("may show"), "{added:?}");
    let read = trail(&city, &ming.session).await;
    for words in ["Somebody was added", "Another office", "district court"] {
        assert!(read.contains(words), "{words}: {read}");
    }
}

#[tokio::test]
async fn the_passkey_is_asked_for_again_and_nothing_that_was_typed_is_lost() {
    let city = City::start().await;
    let desk = Desk(&city);
    let ming = city.well_resident("Ming").await;
    let account = format!("account={}", desk.account_of(&ming).await);
    desk.press("bind", &ming.document, &account).await;
    city.later(15);
    let fresh = desk.press("find", &ming.document, "").await;
    assert!(!fresh.text.contains("then=office"), "{fresh:?}");
    city.later(1);
    let typed = "relation=guardian&other_kind=99&other_number=CHILD001&reason=court+of+March";
    let add = format!("{account}&{typed}");
    let refused = desk.press("add", &ming.document, &add).await;
    assert_eq!(refused.status, 200, "{refused:?}");
    for kept in [
        "Nothing was done yet",
        "href=\"/staff/sign-in?then=office\" target=\"_blank\"",
        "<details open>",
        "value=\"guardian\" required checked",
        "value=\"CHILD001\"",
        "value=\"court of March\"",
        "<option value=\"99\" selected>",
    ] {
        assert!(refused.text.contains(kept), "{kept}: {refused:?}");
    }
    let form = format!("kind=99&number={}", ming.document);
    let card = city.post("/officer/office/card?lang=en");
    let card = card.cookie(SECURE_STAFF_COOKIE, &city.community);
    let card = card.form(&form).await;
    assert!(card.text.contains("Nothing was done yet"), "{card:?}");
    assert!(card.text.contains(&ming.document), "{card:?}");
    let page = city.get("/me/people?lang=en");
    let people = page.cookie(RESIDENT_COOKIE, &ming.session).await;
    assert!(!people.text.contains("name=\"remove\""), "{people:?}");
}

#[tokio::test]
async fn what_may_be_a_lie_takes_a_second_worker_of_the_office() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let contact = serde_json::json!({
        "document": { "kind": "99", "number": ming.document },
        "fact": city.close_contact(&ming)["fact"],
    });
    let sent = city.submit(&city.health, &contact).await;
    assert!(sent.status < 300, "{sent:?}");
    let first = Desk(&city);
    let account = format!("account={}", first.account_of(&ming).await);
    for _ in 0..2 {
        let alone = first.press("bind", &ming.document, &account).await;
        assert!(alone.text.contains("This takes two"), "{alone:?}");
    }
    assert!(trail(&city, &ming.session).await.contains("Not proven yet"));
    let (kind, role) = (AuthorityKind::Community, Role::CommunityWorker);
    let colleague = city.staff_with(kind, role).await;
    let form = format!("act=bind&kind=99&number={}&{account}", ming.document);
    let ask = city.post("/officer/office?lang=en");
    let second = ask.cookie(SECURE_STAFF_COOKIE, &colleague).form(&form);
    let second = second.await;
    assert!(second.text.contains("is connected now"), "{second:?}");
    let read = trail(&city, &ming.session).await;
    assert!(read.contains("A second worker has to agree"), "{read}");
}

#[tokio::test]
async fn the_desk_offers_a_community_worker_what_they_may_do_and_nothing_else() {
    let city = City::start().await;
    let desk = |session: &str| {
        let ask = city.get("/officer?lang=en");
        ask.cookie(SECURE_STAFF_COOKIE, session).into_future()
    };
    let worker = desk(&city.community).await;
    assert!(worker.text.contains("/officer/office"), "{worker:?}");
    for closed in ["/officer/proposals", "/officer/stats", "/officer/orders"] {
        assert!(!worker.text.contains(closed), "{closed}: {worker:?}");
    }
    let officer = desk(&city.health).await;
    assert!(!officer.text.contains("/officer/office"), "{officer:?}");
    assert!(officer.text.contains("/officer/proposals"), "{officer:?}");
}
