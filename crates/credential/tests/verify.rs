//! What a checkpoint accepts and what it refuses, and why (invariant 8).

use credential::*;
use domain::Colour;
use jiff::SignedDuration;

mod city;

use city::*;

/// What [`verify()`] says, as one word: the form of an accepted code or the reason of a refusal.
fn word(code: &str, lists: Option<&StatusLists>, now: i64, settings: &Settings) -> &'static str {
    match verify(code, &trust(), lists, at(now), settings) {
        Ok(accepted) => accepted.form.as_str(),
        Err(refusal) => refusal.word(),
    }
}

fn online(code: &str, now: i64) -> &'static str {
    word(code, None, now, &Settings::default())
}

#[test]
fn every_colour_is_read_back_as_it_was_issued() {
    for colour in Colour::ALL {
        let code = live(
            &Claims {
                colour,
                ..phone_claims()
            },
            NOW,
            1,
        );
        let accepted = verify(&code, &trust(), None, at(NOW), &Settings::default()).unwrap();
        assert_eq!(accepted.colour, colour);
        assert_eq!(accepted.form, Form::Live);
        assert_eq!(accepted.issuer, "330100".parse().unwrap());
        assert_eq!(accepted.serial, phone_claims().serial);
        assert_eq!(accepted.expires_at, at(NOW) + hours(24));
        assert_eq!(
            accepted.shown,
            Some(Shown {
                at: at(NOW),
                counter: 1
            })
        );
        assert_eq!(accepted.name, None);
    }
}

#[test]
fn a_live_code_is_taken_for_60_seconds_and_30_seconds_of_clock_skew() {
    let code = live(&phone_claims(), NOW + 100, 1);
    let table = [
        (69, "shown-in-the-future"),
        (70, "live"),
        (100, "live"),
        (160, "live"),
        (161, "shown-too-long-ago"),
    ];
    for (second, expected) in table {
        assert_eq!(
            online(&code, NOW + second),
            expected,
            "{second} seconds after issue"
        );
    }
}

#[test]
fn an_assertion_is_taken_from_30_seconds_before_its_issue_until_its_expiry() {
    let claims = Claims {
        expires_at: at(NOW + 600),
        ..claims(Bearer::Plain)
    };
    let code = plain(&claims);
    let table = [
        (-31, "not-yet-valid"),
        (-30, "plain"),
        (0, "plain"),
        (599, "plain"),
        (600, "expired"),
    ];
    for (second, expected) in table {
        assert_eq!(
            online(&code, NOW + second),
            expected,
            "{second} seconds after issue"
        );
    }
}

#[test]
fn without_a_status_list_an_assertion_is_believed_for_15_minutes() {
    let code = plain(&claims(Bearer::Plain));
    assert_eq!(online(&code, NOW + 15 * 60), "plain");
    assert_eq!(online(&code, NOW + 15 * 60 + 1), "status-unknown");
}

#[test]
fn a_status_list_serves_for_24_hours_and_then_the_checkpoint_fails_closed() {
    let card = Claims {
        expires_at: at(NOW) + hours(24 * 90),
        ..claims(Bearer::Card { name: None })
    };
    let code = plain(&card);
    let made = NOW + 10 * 86_400;
    let held = lists(made, &[1, 4710, 4712]);
    let settings = Settings::default();
    for (second, expected) in [
        (-31, "status-unknown"),
        (-30, "card"),
        (0, "card"),
        (86_399, "card"),
        (86_400, "status-unknown"),
    ] {
        let now = made + second;
        assert_eq!(
            word(&code, Some(&held), now, &settings),
            expected,
            "{second} after the list"
        );
    }
}

#[test]
fn the_settings_can_ask_for_a_younger_status_list() {
    let code = plain(&Claims {
        expires_at: at(NOW) + hours(48),
        ..claims(Bearer::Plain)
    });
    let settings = Settings {
        list_serves: hours(1),
        ..Settings::default()
    };
    let held = lists(NOW + 7200, &[]);
    assert_eq!(
        word(&code, Some(&held), NOW + 7200 + 3600, &settings),
        "plain"
    );
    assert_eq!(
        word(&code, Some(&held), NOW + 7200 + 3601, &settings),
        "status-unknown"
    );
}

#[test]
fn a_revoked_assertion_is_refused_however_young_it_is() {
    let code = live(&phone_claims(), NOW, 1);
    let settings = Settings::default();
    assert_eq!(
        word(&code, Some(&lists(NOW, &[4711])), NOW, &settings),
        "revoked"
    );
    assert_eq!(
        word(&code, Some(&lists(NOW, &[4710, 4712])), NOW, &settings),
        "live"
    );
}

#[test]
fn a_status_list_that_does_not_speak_of_the_assertion_is_no_answer() {
    let settings = Settings::default();
    let held = lists(NOW + 1000, &[]);
    for status in [
        StatusRef {
            list: 7,
            index: 8192,
        },
        StatusRef { list: 8, index: 0 },
    ] {
        let code = plain(&Claims {
            status,
            ..claims(Bearer::Plain)
        });
        assert_eq!(word(&code, Some(&held), NOW + 900, &settings), "plain");
        assert_eq!(
            word(&code, Some(&held), NOW + 1000, &settings),
            "status-unknown"
        );
    }
}

#[test]
fn the_age_of_the_knowledge_is_that_of_the_newer_of_assertion_and_list() {
    let code = plain(&claims(Bearer::Plain));
    let age = |lists: Option<&StatusLists>, now: i64| {
        let accepted = verify(&code, &trust(), lists, at(now), &Settings::default()).unwrap();
        accepted.knowledge_age(at(now)).as_secs()
    };
    assert_eq!(age(None, NOW + 300), 300);
    assert_eq!(age(Some(&lists(NOW - 100, &[])), NOW + 300), 300);
    assert_eq!(age(Some(&lists(NOW + 200, &[])), NOW + 300), 100);
    assert_eq!(age(Some(&lists(NOW + 320, &[])), NOW + 300), 0);
}

#[test]
fn a_screenshot_without_the_phones_signature_is_refused() {
    let code = plain(&phone_claims());
    assert_eq!(online(&code, NOW), "not-live");
}

#[test]
fn a_checkpoint_that_wants_live_codes_takes_no_other_form() {
    let settings = Settings::live_only();
    let card = plain(&claims(Bearer::Card { name: None }));
    assert_eq!(
        word(&plain(&claims(Bearer::Plain)), None, NOW, &settings),
        "form-not-taken"
    );
    assert_eq!(word(&card, None, NOW, &settings), "form-not-taken");
    assert_eq!(
        word(&live(&phone_claims(), NOW, 1), None, NOW, &settings),
        "live"
    );
}

#[test]
fn another_phone_cannot_show_the_assertion() {
    let assertion = issuer().sign(&phone_claims()).unwrap();
    let stolen = another_phone().present(&assertion, at(NOW), 1).unwrap();
    assert_eq!(
        online(&live_code(&assertion, &stolen).unwrap(), NOW),
        "bad-holder-signature"
    );
}

#[test]
fn a_presentation_cannot_be_moved_in_time_or_to_another_assertion() {
    let assertion = issuer().sign(&phone_claims()).unwrap();
    let honest = phone().present(&assertion, at(NOW), 1).unwrap();
    let later = Presentation {
        shown_at: at(NOW + 50),
        ..honest.clone()
    };
    let counted = Presentation {
        counter: 2,
        ..honest.clone()
    };
    for forged in [later, counted] {
        let code = live_code(&assertion, &forged).unwrap();
        assert_eq!(online(&code, NOW + 50), "bad-holder-signature");
    }
    let yellow = Claims {
        colour: Colour::Yellow,
        ..phone_claims()
    };
    let yellow = issuer().sign(&yellow).unwrap();
    assert_eq!(
        online(&live_code(&yellow, &honest).unwrap(), NOW),
        "bad-holder-signature"
    );
}

#[test]
fn a_card_shows_its_masked_name_to_the_guard() {
    let name = MaskedName::mask("王小明").unwrap();
    let code = plain(&claims(Bearer::Card {
        name: Some(name.clone()),
    }));
    let accepted = verify(&code, &trust(), None, at(NOW), &Settings::default()).unwrap();
    assert_eq!((accepted.form, accepted.name), (Form::Card, Some(name)));
}

#[test]
fn an_unknown_issuer_is_refused() {
    let stranger = IssuerKey::from_seed(&[0x99; 32]).unwrap();
    let code = plain_code(&stranger.sign(&claims(Bearer::Plain)).unwrap());
    assert_eq!(online(&code, NOW), "unknown-issuer");
}

#[test]
fn keys_rotate_while_both_are_valid() {
    let two_days = 2 * 86_400;
    let table = [
        (issuer(), 0, "plain"),
        (issuer(), two_days - 1, "plain"),
        (issuer(), two_days, "key-not-valid"),
        (next_issuer(), 0, "plain"),
        (next_issuer(), two_days, "plain"),
        (next_issuer(), -86_401, "key-not-valid"),
    ];
    for (key, second, expected) in table {
        let issued_at = NOW + second;
        let claims = Claims {
            issued_at: at(issued_at),
            expires_at: at(issued_at + 600),
            ..claims(Bearer::Plain)
        };
        let code = plain_code(&key.sign(&claims).unwrap());
        assert_eq!(online(&code, issued_at), expected, "{key:?} at {second}");
    }
}

#[test]
fn the_next_keys_status_list_speaks_for_assertions_of_the_old_key() {
    let mut list = StatusListBuilder::new(8192);
    list.revoke(4711).unwrap();
    let list = list.build(at(NOW), seconds(60), hours(24));
    let token = list
        .sign(&next_issuer(), &format!("{STATUS_URI}/7"))
        .unwrap();
    let mut held = StatusLists::new();
    assert_eq!(
        held.add(&token, &trust()),
        Ok(("330100".parse().unwrap(), 7))
    );
    let code = plain(&claims(Bearer::Plain));
    assert_eq!(
        word(&code, Some(&held), NOW, &Settings::default()),
        "revoked"
    );
}

#[test]
fn a_signed_status_list_is_never_taken_for_an_assertion() {
    let token = list_token(NOW, &[]);
    assert!(Assertion::decode(&token).is_err());
    let signed_trust = trust().sign(&issuer()).unwrap();
    assert!(Assertion::decode(&signed_trust).is_err());
    assert!(StatusLists::new().add(&signed_trust, &trust()).is_err());
    let assertion = issuer().sign(&claims(Bearer::Plain)).unwrap();
    assert!(
        StatusLists::new()
            .add(assertion.as_bytes(), &trust())
            .is_err()
    );
}

#[test]
fn a_status_list_is_taken_only_from_a_trusted_key_and_for_its_own_issuers_lists() {
    let list =
        |at_second: i64| StatusListBuilder::new(8).build(at(at_second), seconds(60), hours(24));
    let add = |token: Vec<u8>| StatusLists::new().add(&token, &trust());
    let uri = format!("{STATUS_URI}/7");

    let stranger = IssuerKey::from_seed(&[0x99; 32]).unwrap();
    let refused = add(list(NOW).sign(&stranger, &uri).unwrap());
    assert_eq!(
        refused,
        Err(BadStatusList::UnknownIssuer { key: stranger.id() })
    );

    let too_late = add(list(NOW + 3 * 86_400).sign(&issuer(), &uri).unwrap());
    assert_eq!(
        too_late,
        Err(BadStatusList::UnknownIssuer { key: issuer().id() })
    );

    for uri in [
        "https://elsewhere.example/status/7",
        STATUS_URI,
        &format!("{STATUS_URI}/07"),
    ] {
        let refused = add(list(NOW).sign(&issuer(), uri).unwrap());
        assert!(
            matches!(refused, Err(BadStatusList::WrongSubject { .. })),
            "{uri}: {refused:?}"
        );
    }
}

#[test]
fn a_trust_list_opens_with_a_pinned_root_only_and_never_goes_back() {
    let list = trust();
    let roots = [issuer().public_key().clone(), root().public_key().clone()];
    let signed = list.sign(&root()).unwrap();
    assert_eq!(TrustList::open(&signed, &roots, None), Ok(list.clone()));
    assert_eq!(
        TrustList::open(&signed, &roots, Some(&list)),
        Ok(list.clone())
    );

    let unknown = TrustList::open(&signed, &roots[..1], None);
    assert_eq!(unknown, Err(BadTrustList::UnknownRoot { key: root().id() }));

    let older = TrustList::new(2, list.issued_at(), list.keys().to_vec()).unwrap();
    let other = TrustList::new(3, list.issued_at(), list.keys()[..1].to_vec()).unwrap();
    for offered in [older, other] {
        let refused = TrustList::open(&offered.sign(&root()).unwrap(), &roots, Some(&list));
        let offered = offered.sequence();
        assert_eq!(refused, Err(BadTrustList::Superseded { held: 3, offered }));
    }
    let newer = TrustList::new(4, list.issued_at(), vec![]).unwrap();
    assert!(TrustList::open(&newer.sign(&root()).unwrap(), &roots, Some(&list)).is_ok());
}

#[test]
fn a_trust_list_with_keys_that_cannot_be_told_apart_or_used_is_refused() {
    let key = issuer();
    let twice = vec![
        trusted(key.public_key(), 0, 10),
        trusted(key.public_key(), 10, 20),
    ];
    let same = TrustList::new(1, at(NOW), twice);
    assert_eq!(same, Err(BadTrustList::SameName { key: key.id() }));
    let never = TrustList::new(1, at(NOW), vec![trusted(key.public_key(), 10, 10)]);
    assert_eq!(never, Err(BadTrustList::NeverValid { key: key.id() }));
}

#[test]
fn claims_that_no_verifier_could_accept_are_not_signed() {
    let backwards = Claims {
        expires_at: at(NOW),
        ..claims(Bearer::Plain)
    };
    let refused = issuer().sign(&backwards).unwrap_err();
    let never = BadClaims::NeverValid {
        issued_at: at(NOW),
        expires_at: at(NOW),
    };
    assert_eq!(refused, SignError::Claims(never));
    for second in [-1, i64::from(u32::MAX) + 1] {
        let lost = Claims {
            expires_at: at(second),
            ..claims(Bearer::Plain)
        };
        let refused = issuer().sign(&lost).unwrap_err();
        assert_eq!(
            refused,
            SignError::Claims(BadClaims::TimeOutOfRange(at(second)))
        );
    }
}

#[test]
fn a_code_shown_by_two_phones_is_noticed() {
    let mut cache = ReplayCache::new();
    let accepted = |counter: u32, now: i64| {
        let code = live(&phone_claims(), now, counter);
        verify(&code, &trust(), None, at(now), &Settings::default()).unwrap()
    };
    let first = accepted(5, NOW);
    assert_eq!(cache.admit(&first, at(NOW)), Ok(()));
    let replayed = Refusal::Replayed { shown_at: at(NOW) };
    assert_eq!(
        cache.admit(&first, at(NOW + 20)),
        Err(replayed.clone()),
        "the same picture"
    );
    assert_eq!(
        cache.admit(&accepted(4, NOW + 30), at(NOW + 30)),
        Err(replayed),
        "an earlier one"
    );
    assert_eq!(
        cache.admit(&accepted(6, NOW + 30), at(NOW + 30)),
        Ok(()),
        "the next one"
    );
    assert_eq!(cache.len(), 1);
}

#[test]
fn the_replay_cache_forgets_what_is_too_old_to_be_shown() {
    let mut cache = ReplayCache::new();
    for serial in 0..100 {
        let claims = Claims {
            serial: Serial::from_bytes([serial; 8]),
            ..phone_claims()
        };
        let code = live(&claims, NOW, 1);
        let accepted = verify(&code, &trust(), None, at(NOW), &Settings::default()).unwrap();
        cache.admit(&accepted, at(NOW)).unwrap();
    }
    assert_eq!(cache.len(), 100);
    let code = live(&phone_claims(), NOW + 61, 1);
    let accepted = verify(&code, &trust(), None, at(NOW + 61), &Settings::default()).unwrap();
    cache.admit(&accepted, at(NOW + 61)).unwrap();
    assert_eq!(cache.len(), 1);
}

#[test]
fn plain_codes_and_cards_are_never_taken_for_replays() {
    let mut cache = ReplayCache::new();
    let code = plain(&claims(Bearer::Card { name: None }));
    let accepted = verify(&code, &trust(), None, at(NOW), &Settings::default()).unwrap();
    for _ in 0..2 {
        assert_eq!(cache.admit(&accepted, at(NOW)), Ok(()));
    }
    assert!(cache.is_empty());
}

#[test]
fn the_trust_list_can_be_read_by_people() {
    let json = trust().to_json();
    for expected in [
        "\"330100\"",
        &issuer().id().to_string(),
        "2020-02-19T08:00:00Z",
        STATUS_URI,
    ] {
        assert!(json.contains(expected), "{expected} in {json}");
    }
}

#[test]
fn a_scanner_may_add_a_line_end() {
    let code = format!("{}\r\n", live(&phone_claims(), NOW, 1));
    assert_eq!(online(&code, NOW), "live");
}

#[test]
fn a_refusal_tells_the_guard_what_to_do() {
    let code = live(&phone_claims(), NOW, 1);
    let refusal = verify(&code, &trust(), None, at(NOW + 90), &Settings::default()).unwrap_err();
    let age = SignedDuration::from_secs(90);
    assert_eq!(refusal, Refusal::ShownTooLongAgo { age });
    let told = "This code was shown 90 seconds ago: a screenshot? Ask for the code now.";
    assert_eq!(refusal.to_string(), told);
}
