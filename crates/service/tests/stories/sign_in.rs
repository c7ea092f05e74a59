//! Proving a phone, signing in on another one, and ending what is signed in.

use std::sync::Arc;

use domain::{Assurance, Clock, Document, DocumentKind, Identity, ManualClock, Pii, Timestamp};
use service::{
    AskedFrom, Happened, RegistrationRequest, ServiceError, SessionKind, SessionView, Subject,
    Token,
};

use crate::accounts::{again, see};
use crate::city::{City, RED, hours};

crate::stories! {
    a_code_proves_a_phone_and_wrong_ones_run_out
    of_many_requests_at_once_a_phone_is_sent_one_code
    a_second_that_passes_while_codes_are_counted_refuses_nobody
    strangers_who_name_a_phone_take_nothing_from_its_owner_and_learn_nothing
    whoever_asks_in_somebodys_name_uses_up_only_their_own_part
    a_gateway_that_fails_is_told_and_nothing_is_half_done
    a_policy_says_how_much_proof_a_code_needs
    signing_in_on_another_phone_is_answered_the_same_for_everybody
    sessions_are_listed_and_ended_on_every_node
    whom_a_provider_proves_is_seen_and_signed_in_again_later
    the_owner_of_an_account_is_told_that_a_provider_opens_it
    a_provider_that_is_refused_takes_no_phone_away
    invariant_15_what_is_stored_of_a_session_opens_nothing
}

async fn of_many_requests_at_once_a_phone_is_sent_one_code(city: City) {
    let li = city.resident("Li").await;
    let accounts = &city.service.accounts;
    let asked = (0..20).map(|_| accounts.send_phone_code(&li.resident, AskedFrom::HERE, "en"));
    let answers = futures::future::join_all(asked).await;
    let sent = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!((sent, city.messages.codes.lock().unwrap().len()), (1, 1));
}

/// A client that is not the operator's.
fn client(number: u8) -> AskedFrom {
    AskedFrom::address([number; 16])
}

/// A clock on which a second passes each time somebody looks at it.
struct Ticking(ManualClock);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(jiff::SignedDuration::from_secs(1));
        self.0.now()
    }
}

async fn a_second_that_passes_while_codes_are_counted_refuses_nobody(city: City) {
    let li = city.resident("Li").await;
    let clock = Ticking(ManualClock::new(city.now()));
    let node = city.another_node_by(Arc::new(clock)).await;
    let asked = node.accounts.send_phone_code(&li.resident, client(1), "en");
    let challenge = asked.await.unwrap();
    let (_, code) = city.messages.codes.lock().unwrap().pop().unwrap();
    let proven = node.accounts.prove_phone(&li.resident, challenge, &code);
    assert_eq!(proven.await.unwrap(), Assurance::Phone);
}

async fn strangers_who_name_a_phone_take_nothing_from_its_owner_and_learn_nothing(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    city.pass(hours(1));
    let sent = || city.messages.codes.lock().unwrap().len();
    let accounts = &city.service.accounts;
    let names = ["Qin", "Rui", "Shu", "Tao", "Wei", "Xia", "Yan", "Zhu"];
    let mut reached = 0;
    for (stranger, name) in (0..).zip(names) {
        let stranger_account = city.resident(name).await;
        let from = client(1 + stranger / 4);
        let before = sent();
        // The answer is the same, whether or not a code is sent.
        let asked = accounts.send_phone_code(&stranger_account.resident, from, "en");
        let challenge = asked.await.unwrap();
        if sent() == before {
            let wrong = accounts.prove_phone(&stranger_account.resident, challenge, "123456");
            let refused = wrong.await;
            assert!(
                matches!(refused, Err(ServiceError::WrongCode)),
                "{refused:?}"
            );
        }
        reached += sent() - before;
        // Only their own requests are listed, and with a time.
        let again = accounts.send_phone_code(&stranger_account.resident, from, "en");
        match again.await {
            Err(ServiceError::TooManyCodes { from }) => {
                assert_eq!(from, city.now() + jiff::SignedDuration::from_secs(30));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(reached, 3 + 2, "three from one address, five in all");

    // The owner proves the phone again, and signs in on another one.
    let before = sent();
    let proven = accounts.send_phone_code(&li.resident, client(9), "en");
    proven.await.unwrap();
    assert_eq!(sent(), before + 1);
    let phone = Pii::new("138 0000 0000".to_owned());
    let asked = accounts.ask_to_sign_in(phone, &li.document, client(9), "en");
    asked.await.unwrap();
    accounts.sign_ins_looked_up().await;
    assert_eq!(sent(), before + 2);
}

async fn whoever_asks_in_somebodys_name_uses_up_only_their_own_part(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    let sent = || city.messages.codes.lock().unwrap().len();
    let accounts = &city.service.accounts;
    let ask = async |from| {
        city.pass(jiff::SignedDuration::from_secs(31));
        let phone = Pii::new("138 0000 0000".to_owned());
        let asked = accounts.ask_to_sign_in(phone, &li.document, from, "en");
        asked.await.unwrap();
        accounts.sign_ins_looked_up().await;
    };
    for _ in 0..20 {
        ask(client(1)).await;
    }
    assert_eq!(sent(), 3, "the stranger knows number and document");
    ask(client(2)).await;
    assert_eq!(sent(), 4, "the owner is sent a code all the same");
    for stranger in 3..30 {
        ask(client(stranger)).await;
    }
    assert_eq!(
        sent(),
        9,
        "and the phone is not flooded from many addresses"
    );
    // What is kept names neither phones nor addresses.
    let stored = city.base.bytes("SELECT phone_index FROM code_sent").await;
    assert!(stored.iter().all(|index| index.len() == 32));
}

async fn a_code_proves_a_phone_and_wrong_ones_run_out(city: City) {
    let li = city.resident("Li").await;
    let accounts = &city.service.accounts;
    let challenge = accounts
        .send_phone_code(&li.resident, AskedFrom::HERE, "en")
        .await
        .unwrap();
    let (phone, code) = city.messages.codes.lock().unwrap().pop().unwrap();
    assert_eq!((&*phone, code.len()), ("8613800000000", 6));
    let soon = accounts
        .send_phone_code(&li.resident, AskedFrom::HERE, "en")
        .await
        .unwrap_err();
    assert!(matches!(soon, ServiceError::TooManyCodes { .. }), "{soon}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let refused = accounts.prove_phone(&li.resident, challenge, wrong).await;
        assert!(
            matches!(refused, Err(ServiceError::WrongCode)),
            "{refused:?}"
        );
    }
    let too_late = accounts.prove_phone(&li.resident, challenge, &code).await;
    assert!(
        matches!(too_late, Err(ServiceError::WrongCode)),
        "tried too often"
    );

    city.pass(hours(1));
    let challenge = accounts
        .send_phone_code(&li.resident, AskedFrom::HERE, "en")
        .await
        .unwrap();
    let (_, code) = city.messages.codes.lock().unwrap().pop().unwrap();
    let wu = city.resident("Wu").await;
    let others = accounts.prove_phone(&wu.resident, challenge, &code).await;
    assert!(
        matches!(others, Err(ServiceError::WrongCode)),
        "it was for Li"
    );
    city.pass(hours(1));
    let challenge = accounts
        .send_phone_code(&li.resident, AskedFrom::HERE, "en")
        .await
        .unwrap();
    let (_, code) = city.messages.codes.lock().unwrap().pop().unwrap();
    let proven = accounts.prove_phone(&li.resident, challenge, &code).await;
    assert_eq!(proven.unwrap(), Assurance::Phone);
    assert_eq!(
        again(&city, &li).await.resident.assurance(),
        Assurance::Phone
    );
    let twice = accounts.prove_phone(&li.resident, challenge, &code).await;
    assert!(matches!(twice, Err(ServiceError::WrongCode)), "it was used");
    let stored = city.base.bytes("SELECT code_hash FROM one_time_code").await;
    assert!(stored.iter().all(|hash| hash.len() == 32));
    city.pass(hours(2));
    accounts.forget_codes().await.unwrap();
    assert!(
        city.base
            .bytes("SELECT code_hash FROM one_time_code")
            .await
            .is_empty()
    );
}

async fn a_gateway_that_fails_is_told_and_nothing_is_half_done(city: City) {
    let li = city.resident("Li").await;
    *city.messages.is_out_of_order.lock().unwrap() = true;
    let accounts = &city.service.accounts;
    let refused = accounts
        .send_phone_code(&li.resident, AskedFrom::HERE, "en")
        .await
        .unwrap_err();
    assert!(matches!(refused, ServiceError::CodeNotSent(_)), "{refused}");
    assert!(!refused.to_string().contains("138"));
    assert_eq!(
        again(&city, &li).await.resident.assurance(),
        Assurance::Claimed
    );
    *city.messages.is_out_of_order.lock().unwrap() = false;
    city.pass(jiff::SignedDuration::from_secs(30));
    accounts
        .send_phone_code(&li.resident, AskedFrom::HERE, "en")
        .await
        .unwrap();
}

async fn a_policy_says_how_much_proof_a_code_needs(city: City) {
    city.publish_needing(Assurance::Phone).await;
    let li = city.resident("Li").await;
    let refused = city
        .service
        .codes
        .plain_code(&li.resident)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("prove your phone"),
        "{refused}"
    );
    let li = city.prove_phone(li).await;
    let code = city.service.codes.plain_code(&li.resident).await.unwrap();
    assert_eq!(code.colour, domain::Colour::Green);
}

async fn signing_in_on_another_phone_is_answered_the_same_for_everybody(city: City) {
    let li = city.resident("Li").await;
    let li = city.prove_phone(li).await;
    let claimed = city.resident("Wu").await;
    let nobody = Document::new(DocumentKind::Passport, "NOBODY1").unwrap();
    let accounts = &city.service.accounts;
    let sent = || city.messages.codes.lock().unwrap().len();
    for (document, is_sent) in [
        (nobody, false),
        (claimed.document.clone(), false),
        (li.document.clone(), true),
    ] {
        city.pass(hours(1));
        let before = sent();
        let phone = Pii::new("+86 138 0000 0000".to_owned());
        let challenge = accounts
            .ask_to_sign_in(phone, &document, AskedFrom::HERE, "en")
            .await
            .unwrap();
        accounts.sign_ins_looked_up().await;
        assert_eq!(sent() > before, is_sent);
        let kind = SessionKind::Api;
        let wrong = accounts.sign_in(challenge, "12345", kind, None).await;
        assert!(matches!(wrong, Err(ServiceError::WrongCode)), "{wrong:?}");
        if is_sent {
            let (_, code) = city.messages.codes.lock().unwrap().pop().unwrap();
            let token = accounts
                .sign_in(challenge, &code, kind, None)
                .await
                .unwrap();
            let signed_in = city.service.access.resident(&token).await.unwrap();
            assert_eq!(signed_in.person(), li.id());
            assert_ne!(signed_in.session(), li.resident.session());
            let twice = accounts.sign_in(challenge, &code, kind, None).await;
            assert!(matches!(twice, Err(ServiceError::WrongCode)));
        }
    }
}

async fn sessions_are_listed_and_ended_on_every_node(city: City) {
    let li = city.resident("Li").await;
    let other = city.another_node().await;
    let accounts = &city.service.accounts;
    let label = Some("Firefox".to_owned());
    let page = accounts.begin_session(&li.resident, SessionKind::Page, label);
    let page: Token = page.await.unwrap();
    assert!(
        city.service.access.resident(&page).await.is_err(),
        "no token of the API"
    );
    assert!(city.service.access.resident_page(&li.token).await.is_err());
    let browser = other.access.resident_page(&page).await.unwrap();
    let listed = accounts.security(&li.resident).await.unwrap().sessions;
    let this = |session: &SessionView| (session.kind.clone(), session.is_this);
    let mut kinds: Vec<_> = listed.iter().map(this).collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [("api".to_owned(), true), ("page".to_owned(), false)]
    );

    accounts
        .end_session(&li.resident, browser.session())
        .await
        .unwrap();
    let refused = city.service.access.resident_page(&page).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotAuthenticated),
        "at once on this node"
    );
    other.notice_ended_sessions().await.unwrap();
    assert!(
        other.access.resident_page(&page).await.is_err(),
        "and on others"
    );
    let twice = accounts.end_session(&li.resident, browser.session()).await;
    assert!(matches!(twice, Err(ServiceError::UnknownSession)));
    let wu = city.resident("Wu").await;
    let foreign = accounts
        .end_session(&wu.resident, li.resident.session())
        .await;
    assert!(matches!(foreign, Err(ServiceError::UnknownSession)));

    // A node that reads nothing from others for 5 seconds asks the database.
    other.access.resident(&li.token).await.unwrap();
    accounts.sign_out(&li.resident).await.unwrap();
    city.pass(jiff::SignedDuration::from_secs(5));
    assert!(other.access.resident(&li.token).await.is_err());
    city.pass(hours(181 * 24));
    assert!(
        city.service.access.resident(&wu.token).await.is_err(),
        "every session ends"
    );
}

async fn invariant_15_what_is_stored_of_a_session_opens_nothing(city: City) {
    let li = city.resident("Li").await;
    let stored = city
        .base
        .bytes("SELECT session_hash FROM session_token")
        .await;
    assert_eq!(stored.len(), 1);
    let text: String = stored[0].iter().map(|byte| format!("{byte:02x}")).collect();
    let replayed: Token = text.parse().unwrap();
    assert!(city.service.access.resident(&replayed).await.is_err());
    assert!(city.service.access.resident_page(&replayed).await.is_err());
    assert!(city.service.access.resident(&li.token).await.is_ok());
}

async fn whom_a_provider_proves_is_seen_and_signed_in_again_later(city: City) {
    let provider = &city.service.proven_residents;
    let identity = || city.registration("Li", None).identity;
    let by_document = Subject::Document(identity().document);
    city.try_submit(city.health.submitter(), by_document, city.contact(1))
        .await;
    // Somebody who typed the number is signed in here, and another person proves it.
    let stranger = city.resident("Li").await;
    let stranger = city.prove_phone(stranger).await;
    let first = provider
        .come_in(identity(), None, None, "en")
        .await
        .unwrap();
    let access = &city.service.access;
    let li = access.resident_page(&first).await.unwrap();
    assert_eq!(li.assurance(), Assurance::Seen);
    assert_ne!(li.account(), stranger.resident.account());
    let events = city.service.accounts.security(&stranger.resident).await;
    let events = events.unwrap().events;
    let hints = events
        .iter()
        .filter(|one| one.kind == Happened::ProviderActed);
    assert_eq!(
        hints.count(),
        1,
        "that it was proven, not by whom: {events:?}"
    );
    let report = city.service.people.status(&li, "en").await.unwrap();
    assert_eq!(report.explanation.verdict.status, RED);
    let second = provider
        .come_in(identity(), None, None, "en")
        .await
        .unwrap();
    let again = access.resident_page(&second).await.unwrap();
    assert_eq!(again.account(), li.account());

    // A person signed in with the document that is proven keeps the account.
    let registration = RegistrationRequest {
        session: SessionKind::Page,
        ..city.registration("Wu", None)
    };
    // The document is theirs, and the name that they typed is not.
    let wu = Identity {
        name: Pii::new("Wu Proven".to_owned()),
        ..registration.identity.clone()
    };
    let here = city.service.people.register(registration).await.unwrap();
    let before = access.resident_page(&here.token).await.unwrap();
    let proven = provider.come_in(wu, Some(&here.token), None, "zh").await;
    let proven = proven.unwrap();
    let after = access.resident_page(&proven).await.unwrap();
    assert_eq!(after.account(), before.account());
    assert_eq!(after.assurance(), Assurance::Seen);
    let own = city.service.people.own_identity(&after).await.unwrap();
    assert_eq!(own.name.expose(), "Wu Proven");
    assert!(
        city.messages.notices.lock().unwrap().is_empty(),
        "no phone was proven"
    );
}

async fn the_owner_of_an_account_is_told_that_a_provider_opens_it(city: City) {
    let registration = RegistrationRequest {
        session: SessionKind::Page,
        ..city.registration("Wu", None)
    };
    let identity = registration.identity.clone();
    let here = city.service.people.register(registration).await.unwrap();
    let (access, accounts) = (&city.service.access, &city.service.accounts);
    let wu = access.resident_page(&here.token).await.unwrap();
    let asked = accounts.send_phone_code(&wu, AskedFrom::HERE, "en").await;
    let (phone, code) = city.messages.codes.lock().unwrap().pop().unwrap();
    let proven = accounts.prove_phone(&wu, asked.unwrap(), &code).await;
    proven.unwrap();
    // Somebody at the open browser proves the document with an account and a phone of their own.
    let theirs = Identity {
        phones: vec![Pii::new("13999999999".to_owned())],
        ..identity
    };
    let provider = &city.service.proven_residents;
    let proven = provider.come_in(theirs, Some(&here.token), None, "ja");
    let session = proven.await.unwrap();
    let notices = city.messages.notices.lock().unwrap().clone();
    assert_eq!(
        notices,
        [(phone, "ja".to_owned())],
        "on the phone of before"
    );
    let wu = access.resident_page(&session).await.unwrap();
    let events = accounts.security(&wu).await.unwrap().events;
    let bound = events
        .iter()
        .filter(|one| one.kind == Happened::ProviderBound);
    assert_eq!(bound.count(), 1, "{events:?}");
    // Nobody is kept out because nobody sends messages.
    *city.messages.is_out_of_order.lock().unwrap() = true;
    let again = provider.come_in(city.registration("Wu", None).identity, None, None, "ja");
    assert!(again.await.is_ok());
}

async fn a_provider_that_is_refused_takes_no_phone_away(city: City) {
    let seen = city.resident("Wu").await;
    see(&city, &seen, false).await.unwrap();
    let registration = RegistrationRequest {
        session: SessionKind::Page,
        ..city.registration("Wu", None)
    };
    let identity = registration.identity.clone();
    let here = city.service.people.register(registration).await.unwrap();
    let phones = async || {
        let rows = city.base.bytes("SELECT phone_index FROM identity_phone");
        rows.await
    };
    let before = phones().await;
    let without = Identity {
        phones: Vec::new(),
        ..identity
    };
    let provider = &city.service.proven_residents;
    let refused = provider.come_in(without, Some(&here.token), None, "en");
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, ServiceError::AlreadySeen), "{refused:?}");
    assert_eq!(phones().await, before);
}
