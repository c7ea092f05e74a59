//! A browser signs in at an identity provider, and others try to sign it in.

use service::providers::{Callback, ClaimFault, Misfit};

use super::super::tests::{assert_sound, frames};
use super::*;
use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
use crate::testing::providers::stand_in::{Answer as Does, StandIn};
use crate::testing::providers::way_back;
use crate::testing::{Answer, City};

const COOKIE: &str = "__Host-sign-in";

/// Somebody presses the button on our page.
async fn press(city: &City, key: &str) -> Answer {
    city.get(&format!("/sign-in/{key}/start?lang=en"))
        .header("sec-fetch-site", "same-origin")
        .await
}

/// Somebody presses the button and signs in there: what their browser keeps, and brings back.
async fn sign_in_there(city: &City, provider: &StandIn, key: &str) -> (String, Callback) {
    let away = press(city, key).await;
    assert_eq!(away.status, 303, "{away:?}");
    let address = away.headers["location"].to_str().unwrap();
    (away.cookie(COOKIE).unwrap(), provider.sign_in(address))
}

async fn come_back(city: &City, key: &str, attempt: &str, callback: &Callback) -> Answer {
    let ask = city.get(&way_back(key, callback));
    ask.cookie(COOKIE, attempt).await
}

fn assert_nobody_is_signed_in(answer: &Answer) {
    assert_eq!(answer.cookie(RESIDENT_COOKIE), None, "{answer:?}");
    assert_eq!(answer.cookie(SECURE_STAFF_COOKIE), None, "{answer:?}");
    assert!(answer.text.contains("You are not signed in"), "{answer:?}");
}

#[test]
fn every_page_and_every_refusal_has_words_in_every_language() {
    use SignInError as E;
    let refusals = [
        E::UnknownProvider,
        E::NotBegunHere,
        E::TooLate,
        E::UsedBefore,
        E::MixedUp,
        E::Declined,
        E::CodeRefused,
        E::NotProven,
        E::Claims(ClaimFault::Name),
        E::Token(TokenFault::Nonce),
        E::Token(TokenFault::Time),
        E::Unreachable(Unreachable::Down),
        E::Unreachable(Unreachable::Busy),
        E::Misconfigured(Misfit::Client),
    ];
    let refusals = refusals.map(Refusal::SignIn).into_iter();
    let refusals: Vec<Refusal> = refusals
        .chain([
            Refusal::NobodyBound,
            Refusal::BoundElsewhere,
            Refusal::OpensAnother,
        ])
        .collect();
    for frame in frames() {
        for is_for_residents in [true, false] {
            let page = ProviderPage {
                frame: frame.clone(),
                key: "national-id".to_owned(),
                name: "<b>".to_owned(),
                is_for_residents,
            };
            assert!(!assert_sound(&frame, &page).contains("<b>"));
        }
        for next in ["/me", "/officer"] {
            let frame = frame.clone();
            assert_sound(&frame.clone(), &DonePage { frame, next });
        }
        for refusal in &refusals {
            let page = RefusedPage {
                frame: frame.clone(),
                key: "national-id".to_owned(),
                text: refusal.text(),
            };
            assert_sound(&frame, &page);
            assert!(refusal.status().as_u16() >= 400);
        }
    }
}

#[tokio::test]
async fn a_resident_goes_there_comes_back_and_sees_their_code() {
    let (city, provider, doors) = City::start_with_providers().await;
    let home = city.get("/?lang=en").await;
    assert!(home.text.contains("Sign in with National identity"));
    assert!(
        home.text.contains("href=\"/sign-in/national-id\"")
            && !home.text.contains("sign-in/office")
    );
    let page = city.get("/sign-in/national-id?lang=zh").await;
    assert!(page.text.contains("用国家身份认证登录"), "{page:?}");
    assert!(page.text.contains("/sign-in/national-id/start"));

    let away = press(&city, "national-id").await;
    let kept = away.headers["set-cookie"].to_str().unwrap();
    let ends = "; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure";
    assert!(kept.starts_with("__Host-sign-in=") && kept.ends_with(ends));
    assert_eq!(away.headers["cache-control"], "no-store");

    let (attempt, callback) = sign_in_there(&city, &provider, "national-id").await;
    let back = come_back(&city, "national-id", &attempt, &callback).await;
    assert_eq!(back.status, 200, "{back:?}");
    assert!(back.text.contains("url=/me\""), "{back:?}");
    assert_eq!(back.headers["cache-control"], "no-store");
    assert_eq!(back.cookie(COOKIE).as_deref(), Some(""), "it is over");
    let identity = doors.residents.lock().unwrap().remove(0);
    assert_eq!(identity.document.number().expose(), "E1234567");

    let session = back.cookie(RESIDENT_COOKIE).unwrap();
    let code = city.get("/me?lang=en").cookie(RESIDENT_COOKIE, &session);
    assert_eq!(code.await.status, 200);
    let token = session.parse().unwrap();
    let resident = city.service.access.resident_page(&token).await.unwrap();
    assert_eq!(resident.assurance(), domain::Assurance::Seen);

    // The next time it is the same account.
    let (attempt, callback) = sign_in_there(&city, &provider, "national-id").await;
    let back = come_back(&city, "national-id", &attempt, &callback).await;
    let again = back.cookie(RESIDENT_COOKIE).unwrap();
    assert_ne!(again, session);
    let again = again.parse().unwrap();
    let again = city.service.access.resident_page(&again);
    assert_eq!(again.await.unwrap().account(), resident.account());
}

/// A staff member has their account at `office` bound to theirs.
async fn bind(city: &City, provider: &StandIn, session: &str) -> Answer {
    let away = city.get("/sign-in/office/bind");
    let away = away.header("sec-fetch-site", "same-origin");
    let away = away.cookie(SECURE_STAFF_COOKIE, session).await;
    let callback = provider.sign_in(away.headers["location"].to_str().unwrap());
    // The session's cookie does not come along when another site sends the browser back.
    let attempt = away.cookie(COOKIE).unwrap();
    come_back(city, "office", &attempt, &callback).await
}

#[tokio::test]
async fn a_staff_member_comes_to_the_desk_and_somebody_unknown_does_not() {
    let (city, provider, _) = City::start_with_providers().await;
    let page = city.get("/staff/sign-in?lang=en").await;
    assert!(
        page.text.contains("href=\"/sign-in/office/start\""),
        "{page:?}"
    );
    assert!(!page.text.contains("/sign-in/national-id"), "{page:?}");
    let (attempt, callback) = sign_in_there(&city, &provider, "office").await;
    let unknown = come_back(&city, "office", &attempt, &callback).await;
    assert_eq!(unknown.status, 403);
    assert_nobody_is_signed_in(&unknown);

    assert_eq!(bind(&city, &provider, &city.health).await.status, 200);
    city.later(6);
    let stale = city.get("/officer/account?lang=en");
    let stale = stale.cookie(SECURE_STAFF_COOKIE, &city.health).await;
    assert!(
        stale.text.contains("/staff/sign-in?then=account"),
        "{stale:?}"
    );
    let away = city.get("/sign-in/office/start?lang=en");
    let away = away.header("sec-fetch-site", "same-origin");
    let away = away.cookie(SECURE_STAFF_COOKIE, &city.health).await;
    let callback = provider.sign_in(away.headers["location"].to_str().unwrap());
    let attempt = away.cookie(COOKIE).unwrap();
    let back = come_back(&city, "office", &attempt, &callback).await;
    assert!(back.text.contains("url=/officer\""), "{back:?}");
    let session = back.cookie(SECURE_STAFF_COOKIE).unwrap();
    let account = city.get("/officer/account?lang=en");
    let account = account.cookie(SECURE_STAFF_COOKIE, &session).await;
    assert!(account.text.contains("/officer/account/end"), "proven anew");
    let before = city
        .get("/officer")
        .cookie(SECURE_STAFF_COOKIE, &city.health);
    assert_eq!(before.await.status, 303, "the session before has ended");
}

#[tokio::test]
async fn an_account_is_bound_only_to_a_staff_member_who_is_signed_in_and_asked_for_it() {
    let (city, provider, _) = City::start_with_providers().await;
    for (session, status) in [(&*city.laboratory, 303), (&*city.health, 200)] {
        let back = bind(&city, &provider, session).await;
        assert_eq!(back.status, status, "{back:?}");
        let kept = back.cookie(SECURE_STAFF_COOKIE);
        let expected = (status == 200).then(|| city.in_browser(session));
        assert_eq!(kept, expected, "the session stays");
    }
    let account = city.get("/officer/account?lang=en");
    let account = account.cookie(SECURE_STAFF_COOKIE, &city.health).await;
    let remove = "/officer/account/providers/office/remove";
    assert!(account.text.contains(remove), "{account:?}");
    let admin = city.administrator().await;
    let taken = bind(&city, &provider, &admin).await;
    assert_eq!(taken.status, 409, "it opens another account: {taken:?}");
    let residents = city.get("/sign-in/national-id/bind");
    let residents = residents.header("sec-fetch-site", "same-origin").await;
    assert_eq!(residents.status, 404);
}

#[tokio::test]
async fn an_account_is_taken_away_but_not_the_last_way_in() {
    let (city, provider, _) = City::start_with_providers().await;
    assert_eq!(bind(&city, &provider, &city.health).await.status, 200);
    let remove = city.post("/officer/account/providers/office/remove?lang=en");
    let refused = remove.cookie(SECURE_STAFF_COOKIE, &city.health).form("");
    let refused = refused.await;
    assert!(refused.text.contains("Nothing else opens"), "{refused:?}");
    let desk = city.get("/officer");
    let desk = desk.cookie(SECURE_STAFF_COOKIE, &city.health).await;
    assert_eq!(desk.status, 200, "still signed in");
}

#[tokio::test]
async fn whoever_has_both_halves_joins_with_their_account_of_a_provider() {
    let (city, provider, _) = City::start_with_providers().await;
    let [first, second] = city.invited("Dr Ou").await;
    let form = format!("invitation={second}&second={first}");
    let asked = city.post("/staff/invitation?lang=en").form(&form).await;
    assert!(
        asked.text.contains("/staff/invitation/office\""),
        "{asked:?}"
    );
    let half = format!("invitation={second}");
    let leave = async |form: &str| {
        let ask = city.post("/staff/invitation/office?lang=en");
        ask.form(form).await
    };
    assert!(leave(&half).await.text.contains("does not work"));
    let away = leave(&form).await;
    assert!(!away.text.contains(&first) && !away.text.contains(&second));
    let start = away.text.split("class=\"button\" href=\"").nth(1).unwrap();
    let address = start.split('"').next().unwrap();
    let address = address.replace("&#38;", "&").replace("&amp;", "&");
    let attempt = away.cookie(COOKIE).unwrap();
    let back = come_back(&city, "office", &attempt, &provider.sign_in(&address)).await;
    let session = back.cookie(SECURE_STAFF_COOKIE).unwrap();
    let desk = city.get("/officer?lang=en");
    let desk = desk.cookie(SECURE_STAFF_COOKIE, &session).await;
    assert!(desk.text.contains("Dr Ou"), "{desk:?}");
    let (attempt, callback) = sign_in_there(&city, &provider, "office").await;
    let again = come_back(&city, "office", &attempt, &callback).await;
    assert!(again.cookie(SECURE_STAFF_COOKIE).is_some(), "{again:?}");
    assert!(leave(&form).await.text.contains("does not work"), "once");
}

#[tokio::test]
async fn another_site_can_begin_nothing() {
    let (city, _, _) = City::start_with_providers().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("referer", "https://evil.example/"),
    ] {
        let ask = city.get("/sign-in/national-id/start");
        let answer = ask.header("host", "code.example").header(name, value).await;
        let page = "/sign-in/national-id".parse().unwrap();
        assert_eq!((answer.status, &answer.headers["location"]), (303, &page));
        assert_eq!(answer.cookie(COOKIE), None);
    }
}

#[tokio::test]
async fn nobody_is_signed_in_to_somebody_elses_account() {
    let (city, provider, doors) = City::start_with_providers().await;
    let (attacker, callback) = sign_in_there(&city, &provider, "national-id").await;
    let (victim, _) = sign_in_there(&city, &provider, "national-id").await;
    // The attacker has the victim's browser open the address, with and without a sign-in of its own.
    let bare = city.get(&way_back("national-id", &callback)).await;
    let mixed = come_back(&city, "national-id", &victim, &callback).await;
    // A code of another sign-in in one's own answer.
    let (own, own_callback) = sign_in_there(&city, &provider, "national-id").await;
    let injected = Callback {
        code: callback.code.clone(),
        ..own_callback
    };
    let injected = come_back(&city, "national-id", &own, &injected).await;
    for answer in [bare, mixed, injected] {
        assert_eq!(answer.status, 400);
        assert_nobody_is_signed_in(&answer);
    }
    // Nor with an answer that came before.
    let callback = Callback {
        code: None,
        error: Some("access_denied".to_owned()),
        ..callback
    };
    let declined = come_back(&city, "national-id", &attacker, &callback).await;
    assert_eq!(declined.status, 403);
    let again = come_back(&city, "national-id", &attacker, &callback).await;
    assert_eq!(again.status, 400);
    assert_nobody_is_signed_in(&again);
    assert!(doors.residents.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_of_another_provider_is_not_taken() {
    let (city, provider, _) = City::start_with_providers().await;
    let (attempt, callback) = sign_in_there(&city, &provider, "national-id").await;
    let mixed = Callback {
        iss: Some("https://evil.example".to_owned()),
        ..callback.clone()
    };
    let elsewhere = come_back(&city, "office", &attempt, &callback).await;
    let mixed = come_back(&city, "national-id", &attempt, &mixed).await;
    for answer in [elsewhere, mixed] {
        assert_eq!(answer.status, 400);
        assert_nobody_is_signed_in(&answer);
        assert!(!answer.text.contains("evil.example"));
    }
}

#[tokio::test]
async fn no_address_makes_us_send_anybody_elsewhere() {
    let (city, provider, _) = City::start_with_providers().await;
    let evil =
        "next=https://evil.example&return_to=//evil.example&redirect_uri=https://evil.example";
    let ask = city.get(&format!("/sign-in/national-id/start?{evil}"));
    let away = ask.header("sec-fetch-site", "same-origin").await;
    let address = away.headers["location"].to_str().unwrap();
    assert!(address.starts_with(&provider.issuer) && !address.contains("evil"));
    let callback = provider.sign_in(address);
    let back = format!("{}&{evil}", way_back("national-id", &callback));
    let attempt = away.cookie(COOKIE).unwrap();
    let back = city.get(&back).cookie(COOKIE, &attempt).await;
    assert_eq!(back.status, 200);
    assert!(!back.text.contains("evil") && back.text.contains("url=/me\""));
    let page = city.get(&format!("/sign-in/national-id?{evil}")).await;
    assert!(!page.text.contains("evil"));
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_in_plain_words() {
    let (city, provider, _) = City::start_with_providers().await;
    let (attempt, callback) = sign_in_there(&city, &provider, "national-id").await;
    provider.state().answers.insert("/token", Does::Cut);
    let cut = come_back(&city, "national-id", &attempt, &callback).await;
    assert_eq!(
        (cut.status, cut.headers["retry-after"].to_str().unwrap()),
        (503, "30")
    );
    assert_nobody_is_signed_in(&cut);
    assert!(
        cut.text.contains("We cannot reach them at the moment"),
        "{cut:?}"
    );
}

#[tokio::test]
async fn a_provider_that_is_not_configured_leads_nowhere() {
    let (with, _, _) = City::start_with_providers().await;
    let without = City::start().await;
    for address in ["", "/start", "/callback"] {
        for city in [&with, &without] {
            let answer = city.get(&format!("/sign-in/another{address}")).await;
            assert_eq!(answer.status, 404, "{address}");
        }
    }
    // Two answers in one address are none.
    let twice = with
        .get("/sign-in/national-id/callback?state=a&state=b")
        .await;
    assert_eq!(twice.status, 400);
}
