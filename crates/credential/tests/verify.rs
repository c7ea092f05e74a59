//! What a checkpoint accepts and what it refuses, and why (invariant 8).

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use credential::*;
use domain::Colour;
use jiff::SignedDuration;

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod city;

use city::*;

/// What [`verify()`] says, as one word: the form of an accepted code or the reason of a refusal.
fn word(code: &str, lists: Option<&StatusLists>, now: i64, settings: &Settings) -> &'static str {
    match verify(code, &trust_at(now), lists, at(now), settings) {
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
    let code = plain(&card_claims());
    assert_eq!(online(&code, NOW + 15 * 60), "card");
    assert_eq!(online(&code, NOW + 15 * 60 + 1), "status-unknown");
}

#[test]
fn a_status_list_serves_for_24_hours_and_then_the_checkpoint_fails_closed() {
    let code = plain(&card_claims());
    let made = NOW + 5 * 86_400;
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
    let code = plain(&card_claims());
    let settings = Settings {
        list_serves: hours(1),
        ..Settings::default()
    };
    let held = lists(NOW + 7200, &[]);
    assert_eq!(
        word(&code, Some(&held), NOW + 7200 + 3600, &settings),
        "card"
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
            ..card_claims()
        });
        assert_eq!(word(&code, Some(&held), NOW + 900, &settings), "card");
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
    let card = plain(&card_claims());
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
    let code = plain(&card_claims());
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
fn a_code_that_lives_longer_than_its_form_may_is_refused_whoever_signed_it() {
    let table = [
        (phone_claims(), hours(24), "live"),
        (claims(Bearer::Plain), seconds(15 * 60), "plain"),
        (card_claims(), hours(7 * 24), "card"),
    ];
    for (claims, life, form) in table {
        let ten_years = hours(10 * 365 * 24);
        for (life, expected) in [
            (life, form),
            (life + seconds(1), "lives-too-long"),
            (ten_years, "lives-too-long"),
        ] {
            let claims = Claims {
                expires_at: at(NOW) + life,
                ..claims.clone()
            };
            let assertion = issuer().sign(&claims).unwrap();
            let code = match claims.bearer {
                Bearer::Phone(_) => live(&claims, NOW, 1),
                Bearer::Plain | Bearer::Card { .. } => plain_code(&assertion),
            };
            assert_eq!(online(&code, NOW), expected, "{form}, {life}");
        }
    }
}

#[test]
fn how_far_somebody_is_proven_to_be_the_person_is_read_back() {
    for assurance in domain::Assurance::ALL {
        for claims in [phone_claims(), claims(Bearer::Plain), card_claims()] {
            let claims = Claims {
                assurance,
                ..claims
            };
            let code = match claims.bearer {
                Bearer::Phone(_) => live(&claims, NOW, 1),
                Bearer::Plain | Bearer::Card { .. } => plain(&claims),
            };
            let accepted = verify(&code, &trust(), None, at(NOW), &Settings::default()).unwrap();
            assert_eq!(accepted.assurance, assurance, "{:?}", accepted.form);
        }
    }
}

#[test]
fn the_other_spelling_of_a_phones_signature_is_no_second_code() {
    let assertion = issuer().sign(&phone_claims()).unwrap();
    let shown = phone().present(&assertion, at(NOW), 1).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&shown.signature).unwrap();
    let (r, s) = signature.split_scalars();
    let negated = p256::ecdsa::Signature::from_scalars(*r, -*s).unwrap();
    let twin = Presentation {
        signature: negated.to_bytes().into(),
        ..shown.clone()
    };
    let online = |shown: &Presentation| online(&live_code(&assertion, shown).unwrap(), NOW);
    assert_eq!(online(&shown), "live");
    assert_eq!(online(&twin), "malformed");
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
    let code = plain(&card_claims());
    let accepted = verify(&code, &trust(), None, at(NOW), &Settings::default()).unwrap();
    for _ in 0..2 {
        assert_eq!(cache.admit(&accepted, at(NOW)), Ok(()));
    }
    assert!(cache.is_empty());
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
    let expected = "This code was shown 90 seconds ago: a screenshot? Ask for the code now.";
    assert_eq!(refusal.to_string(), expected);
}
