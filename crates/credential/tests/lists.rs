//! What a checkpoint keeps: status lists and trust lists, from whom and how new.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use credential::*;

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod city;

use city::*;

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
    let refused = verify(&code, &trust(), Some(&held), at(NOW), &Settings::default());
    assert_eq!(refused, Err(Refusal::Revoked { known_at: at(NOW) }));
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
    let list = trust().list().clone();
    let roots = [issuer().public_key().clone(), root().public_key().clone()];
    let signed = list.sign(&root()).unwrap();
    assert_eq!(TrustList::open(&signed, &roots, None), Ok(list.clone()));
    assert_eq!(
        TrustList::open(&signed, &roots, Some(&list)),
        Ok(list.clone())
    );

    let unknown = TrustList::open(&signed, &roots[..1], None);
    assert_eq!(unknown, Err(BadTrustList::UnknownRoot { key: root().id() }));

    let older = list_of(2, list.keys().to_vec());
    let other = list_of(3, list.keys()[..1].to_vec());
    for offered in [older, other] {
        let refused = TrustList::open(&offered.sign(&root()).unwrap(), &roots, Some(&list));
        let offered = offered.sequence();
        assert_eq!(refused, Err(BadTrustList::Superseded { held: 3, offered }));
    }
    let newer = list_of(4, vec![]);
    assert!(TrustList::open(&newer.sign(&root()).unwrap(), &roots, Some(&list)).is_ok());
}

#[test]
fn a_trust_list_with_keys_that_cannot_be_told_apart_or_used_is_refused() {
    let key = issuer();
    let twice = vec![
        trusted(key.public_key(), 0, 10),
        trusted(key.public_key(), 10, 20),
    ];
    let validity = ListValidity {
        issued_at: at(NOW),
        expires_at: at(NOW + 1),
        freshness_key: freshness().public_key().clone(),
    };
    let same = TrustList::new(1, validity.clone(), twice);
    assert_eq!(same, Err(BadTrustList::SameName { key: key.id() }));
    let never = TrustList::new(1, validity.clone(), vec![trusted(key.public_key(), 10, 10)]);
    assert_eq!(never, Err(BadTrustList::NeverValid { key: key.id() }));
    let backwards = ListValidity {
        expires_at: at(NOW),
        ..validity
    };
    assert!(TrustList::new(1, backwards, vec![]).is_err());
}

#[test]
fn the_trust_list_can_be_read_by_people() {
    let json = trust().to_json();
    for expected in [
        "\"3301\"",
        &issuer().id().to_string(),
        "2020-02-19T08:00:00Z",
        STATUS_URI,
    ] {
        assert!(json.contains(expected), "{expected} in {json}");
    }
}

#[test]
fn a_trust_list_runs_out_a_day_after_it_was_confirmed_last() {
    let roots = [root().public_key().clone()];
    let day = 86_400;
    let open = |bytes: &[u8], now: i64| FreshTrustList::open(bytes, &roots, None, at(now));
    let both = handed_out(&trust(), NOW);
    let ran_out = BadTrustList::RanOut {
        since: at(NOW + day),
    };
    assert!(open(&both, NOW + day - 1).is_ok());
    assert_eq!(open(&both, NOW + day), Err(ran_out));
    // A verifier that opened it in time refuses every code from then on.
    let code = live(&phone_claims(), NOW + day - 1, 1);
    let check = |now| verify(&code, &trust(), None, at(now), &Settings::default());
    let refused = check(NOW + day).map_err(|refusal| refusal.word());
    assert_eq!(refused, Err("trust-list-ran-out"));
    // 300 days later nobody can confirm it: the root wanted half a year.
    let late = NOW + 300 * day;
    assert!(open(&handed_out(&trust(), late), late).is_err());
}

#[test]
fn a_newer_statement_about_the_same_list_lengthens_it_and_an_older_one_shortens_nothing() {
    let roots = [root().public_key().clone()];
    let held = FreshTrustList::open(&handed_out(&trust(), NOW), &roots, None, at(NOW)).unwrap();
    let open = |at_second: i64, held: &FreshTrustList| {
        let both = handed_out(&trust(), at_second);
        FreshTrustList::open(&both, &roots, Some(held), at(NOW + 7200)).unwrap()
    };
    let later = open(NOW + 3600, &held);
    assert_eq!(later.fresh_until(), at(NOW + 3600) + FRESH_FOR);
    assert_eq!(open(NOW, &later).fresh_until(), later.fresh_until());
}

#[test]
fn only_the_key_that_the_root_named_confirms_a_list_and_that_list_only() {
    let list = trust().list().clone();
    let other = list_of(4, list.keys().to_vec());
    let statement = list.confirm(&freshness(), at(NOW)).unwrap();
    let refused = |list: &TrustList, statement: &[u8]| {
        let confirmed = FreshTrustList::confirmed(list.clone(), statement, at(NOW));
        assert!(confirmed.is_err(), "{confirmed:?}");
    };
    assert!(FreshTrustList::confirmed(list.clone(), &statement, at(NOW)).is_ok());
    refused(&other, &statement);
    // Neither an issuer, nor the root itself, nor something else that the key signed.
    for key in [issuer(), root()] {
        refused(&list, &list.confirm(&key, at(NOW)).unwrap());
    }
    refused(&list, &list.sign(&freshness()).unwrap());
    refused(&list, &list.confirm(&freshness(), at(NOW + 31)).unwrap());
}

#[test]
fn what_a_stolen_key_said_of_revoked_codes_is_forgotten_with_the_key() {
    let code = live(&phone_claims(), NOW, 1);
    let mut lists = StatusLists::new();
    // The thief says that nothing is revoked, as late as a checkpoint would believe.
    lists
        .add(&list_token_by(&issuer(), NOW + 29, &[]), &trust())
        .unwrap();
    let stolen = issuer().id();
    let without = |key: &TrustedKey| key.key.id() != stolen;
    let keys: Vec<_> = trusted_keys().into_iter().filter(without).collect();
    let trust = confirmed(list_of(4, keys), NOW);
    let word = |lists: &StatusLists, code: &str| {
        verify(code, &trust, Some(lists), at(NOW), &Settings::default())
            .map(|accepted| accepted.form.as_str())
            .map_err(|refusal| refusal.word())
    };
    assert_eq!(word(&lists, &code), Err("unknown-issuer"));
    let honest = list_token_by(&next_issuer(), NOW, &[4711]);
    lists.add(&honest, &trust).unwrap();
    let assertion = next_issuer().sign(&phone_claims()).unwrap();
    let shown = phone().present(&assertion, at(NOW), 1).unwrap();
    let code = live_code(&assertion, &shown).unwrap();
    assert_eq!(word(&lists, &code), Err("revoked"));
}

#[test]
fn a_list_of_version_0_1_has_no_end_and_can_only_be_signed_anew() {
    // Number 7, without keys, made at NOW by the key 'root' of the vectors.
    let payload = [
        &[0xa2, 0x06, 0x1a][..],
        &u32::try_from(NOW).unwrap().to_be_bytes(),
        &[0x3a, 0, 1, 0, 1, 0x82, 0x07, 0x80],
    ]
    .concat();
    let typ = "application/healthcode-trust+cwt";
    let header = [
        &[0xa3, 0x01, 0x27, 0x04, 0x44][..],
        &root().id().to_bytes(),
        &[0x10, 0x78, 32],
        typ.as_bytes(),
    ]
    .concat();
    let bytes = |value: &[u8]| {
        let length = u8::try_from(value.len()).unwrap();
        let head = if length < 24 {
            vec![0x40 | length]
        } else {
            vec![0x58, length]
        };
        [&head[..], value].concat()
    };
    let message = [
        &[0x84, 0x6a][..],
        b"Signature1",
        &bytes(&header),
        &[0x40],
        &bytes(&payload),
    ]
    .concat();
    let signature = ed25519_dalek::SigningKey::from_bytes(&[0xf0; 32]);
    let signature = ed25519_dalek::Signer::sign(&signature, &message).to_bytes();
    let signed = [
        &[0xd2, 0x84][..],
        &bytes(&header),
        &[0xa0],
        &bytes(&payload),
        &bytes(&signature),
    ]
    .concat();
    let roots = [root().public_key().clone()];
    assert!(TrustList::open(&signed, &roots, None).is_err());
    assert_eq!(TrustList::open_endless(&signed, &roots), Ok((7, vec![])));
    let stranger = [issuer().public_key().clone()];
    assert!(TrustList::open_endless(&signed, &stranger).is_err());
}
