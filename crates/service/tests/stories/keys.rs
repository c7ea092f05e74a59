//! Keys that change while servers run.

use credential::{FreshTrustList, PublicKey};
use domain::Colour;
use jiff::SignedDuration;
use service::{NoForeignVerdict, ServiceError};

use crate::city::{City, hours};
use crate::key_folder::{Content, FIRST, KeyFolder, SECOND, SHANGHAI, key, root};

crate::stories! {
    a_stolen_key_is_replaced_while_the_server_runs
    a_key_changes_quietly_while_both_are_trusted
    keys_that_do_not_fit_are_not_taken_and_those_in_use_stay
    a_server_never_goes_back_to_an_older_trust_list
    a_server_with_an_old_folder_of_keys_takes_nothing
    the_trust_list_is_confirmed_all_day_and_runs_out_without_a_server
    a_trust_list_that_the_root_did_not_renew_ends_everything
    a_foreign_verdict_is_what_a_trusted_issuer_signed
    a_live_text_passes_once
    no_place_takes_a_code_that_lives_too_long
}

/// What a checkpoint fetches now.
fn fetch(city: &City, held: Option<&FreshTrustList>) -> FreshTrustList {
    let roots: Vec<PublicKey> = vec![root().public_key().clone()];
    let bytes = city.service.checks.trust_list();
    FreshTrustList::open(&bytes, &roots, held, city.now()).unwrap()
}

async fn plain(city: &City, name: &'static str) -> String {
    let who = city.resident(name).await;
    let code = city.service.codes.plain_code(&who.resident).await;
    code.unwrap().text.unwrap()
}

async fn a_stolen_key_is_replaced_while_the_server_runs(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let before = city.live_code(&li, &phone).await;
    assert_eq!(city.check(&city.show(&phone, &before)), Ok(Colour::Green));
    let checkpoint = fetch(&city, None);
    let first_list = city.service.codes.status_list(0).unwrap();

    city.keys.rotate_now(true);
    assert!(city.service.reload_keys().await.unwrap());
    assert!(!city.service.reload_keys().await.unwrap(), "nothing new");

    // What the stolen key signed counts nowhere: neither the honest codes nor a forgery.
    let forged = city.show(&phone, &before);
    assert_eq!(city.check(&forged), Err("unknown-issuer"));
    let settings = credential::Settings::default();
    let offline = |trust: &FreshTrustList, text: &str| {
        let checked = credential::verify(text, trust, None, city.now(), &settings);
        checked
            .map(|accepted| accepted.colour)
            .map_err(|refusal| refusal.word())
    };
    assert_eq!(
        offline(&checkpoint, &forged),
        Ok(Colour::Green),
        "it has not heard of it yet"
    );
    let checkpoint = fetch(&city, Some(&checkpoint));
    assert_eq!(offline(&checkpoint, &forged), Err("unknown-issuer"));

    // Phones are given new ones quietly, and the status lists are signed anew.
    let after = city.live_code(&li, &phone).await;
    let shown = city.show(&phone, &after);
    assert_eq!(offline(&checkpoint, &shown), Ok(Colour::Green));
    assert_eq!(city.check(&shown), Ok(Colour::Green));
    let second_list = city.service.codes.status_list(0).unwrap();
    assert_ne!(first_list.token, second_list.token);
    let mut lists = credential::StatusLists::new();
    assert!(lists.add(&first_list.token, &checkpoint).is_err());
    lists.add(&second_list.token, &checkpoint).unwrap();
}

async fn a_key_changes_quietly_while_both_are_trusted(city: City) {
    let before = plain(&city, "Li").await;
    city.keys.rotate_now(false);
    assert!(city.service.reload_keys().await.unwrap());
    let after = plain(&city, "Wu").await;
    for text in [&before, &after] {
        assert_eq!(city.check(text), Ok(Colour::Green));
    }
    let signed_by = |text: &str| {
        let code = credential::Code::decode(text).unwrap();
        code.assertion().issuer_key()
    };
    assert_eq!(signed_by(&before), key(FIRST).id());
    assert_eq!(signed_by(&after), key(SECOND).id());
}

async fn keys_that_do_not_fit_are_not_taken_and_those_in_use_stay(city: City) {
    let text = plain(&city, "Li").await;
    // An issuer key that the list does not hold; a freshness key that it does not name.
    city.keys.change(|content| content.issuer = 9);
    assert!(city.service.reload_keys().await.is_err());
    city.keys.change(|content| {
        content.issuer = FIRST;
        content.trusted.remove(0);
    });
    assert!(city.service.reload_keys().await.is_err());
    assert_eq!(city.check(&text), Ok(Colour::Green));
    assert_eq!(city.check(&plain(&city, "Wu").await), Ok(Colour::Green));
}

async fn a_server_never_goes_back_to_an_older_trust_list(city: City) {
    let text = plain(&city, "Li").await;
    city.keys.rotate_now(true);
    assert!(city.service.reload_keys().await.unwrap());
    assert_eq!(city.check(&text), Err("unknown-issuer"));
    // Somebody puts the folder of last week back.
    *city.keys.0.lock().unwrap() = Content::first();
    let refused = city.service.reload_keys().await.unwrap_err().to_string();
    assert!(refused.contains("list 1 is older"), "{refused}");
    assert_eq!(city.check(&text), Err("unknown-issuer"));
}

async fn a_server_with_an_old_folder_of_keys_takes_nothing(city: City) {
    let old = KeyFolder::new();
    let other = city.another_node_with_keys(&old).await;
    let text = plain(&city, "Li").await;
    let settings = credential::Settings::default();
    let word = || {
        let checked = other.checks.verify(&text, &settings);
        checked
            .map(|accepted| accepted.colour)
            .map_err(|refusal| refusal.word())
    };
    assert_eq!(word(), Ok(Colour::Green));
    city.keys.rotate_now(true);
    assert!(city.service.reload_keys().await.unwrap());
    // The database tells the other server, whose folder nobody changed.
    let refused = other.reload_keys().await.unwrap_err().to_string();
    assert!(refused.contains("older than 2"), "{refused}");
    assert_eq!(word(), Err("trust-list-ran-out"));
    let wu = city.resident("Wu").await;
    let unsigned = other.codes.plain_code(&wu.resident).await;
    assert!(
        matches!(unsigned, Err(ServiceError::Signing(_))),
        "{unsigned:?}"
    );
    // It does not start with it either, and is well once the folder is copied.
    assert!(city.try_another_node_with_keys(&old).await.is_err());
    old.rotate_now(true);
    assert!(other.reload_keys().await.unwrap());
    assert_eq!(word(), Err("unknown-issuer"));
}

async fn the_trust_list_is_confirmed_all_day_and_runs_out_without_a_server(city: City) {
    let held = fetch(&city, None);
    assert_eq!(held.fresh_until(), city.now() + hours(24));
    city.pass(hours(10));
    let later = fetch(&city, Some(&held));
    assert_eq!(later.fresh_until(), city.now() + hours(24));
    // A checkpoint without a network refuses everything a day after it fetched the list.
    city.pass(hours(24));
    city.service.notice_other_nodes().await.unwrap();
    let text = plain(&city, "Li").await;
    let settings = credential::Settings::default();
    let refused = credential::verify(&text, &later, None, city.now(), &settings).unwrap_err();
    assert_eq!(refused.word(), "trust-list-ran-out");
    assert_eq!(city.check(&text), Ok(Colour::Green), "this server knows");
}

async fn a_trust_list_that_the_root_did_not_renew_ends_everything(city: City) {
    city.pass(hours(180 * 24) - SignedDuration::from_mins(5));
    city.service.notice_other_nodes().await.unwrap();
    let text = plain(&city, "Li").await;
    assert_eq!(city.check(&text), Ok(Colour::Green));
    city.pass(SignedDuration::from_mins(5));
    assert_eq!(city.check(&text), Err("trust-list-ran-out"));
    let until = city.now() + hours(180 * 24);
    city.keys.change(|content| content.expires_at = until);
    assert!(city.service.reload_keys().await.unwrap());
    assert_eq!(city.check(&text), Ok(Colour::Green));
}

/// A plain code of another issuer, or of this one, made now.
pub fn signed(city: &City, seed: u8, life: SignedDuration) -> String {
    let claims = credential::Claims {
        serial: credential::Serial::from_bytes([7; 8]),
        colour: Colour::Red,
        issued_at: city.now(),
        expires_at: city.now() + life,
        status: credential::StatusRef { list: 0, index: 7 },
        assurance: domain::Assurance::Seen,
        bearer: credential::Bearer::Plain,
    };
    credential::plain_code(&key(seed).sign(&claims).unwrap())
}

async fn a_foreign_verdict_is_what_a_trusted_issuer_signed(city: City) {
    let minutes = SignedDuration::from_mins(15);
    let read = |text: &str| city.service.checks.foreign_verdict(text);
    let verdict = read(&signed(&city, SHANGHAI, minutes)).unwrap();
    assert_eq!(verdict.issuer, "310000".parse().unwrap());
    assert_eq!(
        (verdict.colour, verdict.ends_at),
        (Colour::Red, city.now() + minutes)
    );
    // Nobody says so without a signature; not for 35 years; and this city's verdicts are its own.
    let refused = |text: &str| match read(text) {
        Err(NoForeignVerdict::Refused(refusal)) => refusal.word(),
        Err(NoForeignVerdict::Own(_)) => "own",
        Err(NoForeignVerdict::Period(_)) => "period",
        Ok(verdict) => panic!("{verdict:?}"),
    };
    assert_eq!(refused("310000 says red until 2055"), "unknown-prefix");
    assert_eq!(refused(&signed(&city, 99, minutes)), "unknown-issuer");
    assert_eq!(refused(&signed(&city, FIRST, minutes)), "own");
    let until_2055 = hours(35 * 365 * 24);
    assert_eq!(
        refused(&signed(&city, SHANGHAI, until_2055)),
        "lives-too-long"
    );
}

async fn a_live_text_passes_once(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let code = city.live_code(&li, &phone).await;
    let shown = city.show(&phone, &code);
    assert_eq!(city.check(&shown), Ok(Colour::Green));
    assert_eq!(city.check(&shown), Err("replayed"));
    assert_eq!(city.check(&city.show(&phone, &code)), Ok(Colour::Green));
    // Another server of the installation does not know what this one took.
    let other = city.another_node().await;
    let settings = credential::Settings::default();
    assert!(other.checks.verify(&shown, &settings).is_ok());
    assert!(other.checks.verify(&shown, &settings).is_err());
}

async fn no_place_takes_a_code_that_lives_too_long(city: City) {
    let ten_years = signed(&city, FIRST, hours(10 * 365 * 24));
    assert_eq!(city.check(&ten_years), Err("lives-too-long"));
    let quarter = signed(&city, FIRST, SignedDuration::from_mins(15));
    assert_eq!(city.check(&quarter), Ok(Colour::Red));
}
