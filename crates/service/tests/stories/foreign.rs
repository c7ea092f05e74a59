//! Verdicts of other issuers come in as the codes that these signed, by whatever way.

use domain::evidence::Validity;
use domain::{Colour, Fact, Pii};
use jiff::SignedDuration;
use service::{Cap, Caps, Item, Said, Submission};

use crate::city::{City, hours};
use crate::key_folder::{FIRST, SHANGHAI};
use crate::keys::signed;

crate::stories! {
    a_foreign_verdict_comes_in_as_a_code_and_as_nothing_else
    a_repeated_code_counts_once_even_when_it_has_ended
    foreign_verdicts_of_one_authority_are_few_on_one_day
}

const LIFE: SignedDuration = SignedDuration::from_mins(15);

fn code(city: &City, seed: u8, life: SignedDuration) -> Said {
    Said::ForeignCode(Pii::new(signed(city, seed, life)))
}

async fn a_foreign_verdict_comes_in_as_a_code_and_as_nothing_else(city: City) {
    let li = city.resident("Li").await;
    let say = async |said: Said| {
        let by = city.health.submitter();
        city.try_say(by, li.subject(), said).await
    };
    let shanghai = "310000".parse().unwrap();
    let until = city.now() + hours(35 * 24);
    let in_own_words = Fact::foreign_verdict(
        shanghai,
        Colour::Red,
        Validity::new(city.ago(1), until).unwrap(),
    );
    let mine = code(&city, FIRST, LIFE);
    let nobodys = code(&city, 99, LIFE);
    let too_long = code(&city, SHANGHAI, hours(35 * 24));
    let garbage = Said::ForeignCode(Pii::new("310000 red".to_owned()));
    for said in [in_own_words.into(), mine, nobodys, too_long, garbage] {
        let receipt = say(said.clone()).await;
        assert_eq!(receipt.accepted, [], "{said:?}");
        assert_eq!(receipt.refused[0].field, "code", "{said:?}");
    }
    let foreign = async || {
        let evidence = city.service.evidence.own_evidence_of(&li.resident);
        let mut facts = evidence.await.unwrap().into_iter().map(|one| one.fact);
        facts.find(|fact| matches!(fact, Fact::ForeignVerdict { .. }))
    };
    assert_eq!(foreign().await, None);
    let receipt = say(code(&city, SHANGHAI, LIFE)).await;
    assert_eq!((receipt.accepted.len(), &*receipt.refused), (1, &[][..]));
    let signed = Validity::new(city.now(), city.now() + LIFE).unwrap();
    let expected = Fact::foreign_verdict(shanghai, Colour::Red, signed);
    assert_eq!(foreign().await, Some(expected), "as its issuer signed it");
}

async fn a_repeated_code_counts_once_even_when_it_has_ended(city: City) {
    let li = city.resident("Li").await;
    let item = |said| Item {
        subject: li.subject(),
        said,
    };
    let submission = Submission {
        request: Some(city.key()),
        content: None,
        items: vec![
            item(code(&city, 99, LIFE)),
            item(code(&city, SHANGHAI, LIFE)),
            item(city.contact(20).into()),
        ],
    };
    let submit = async || {
        let by = city.health.submitter();
        let submitted = city.service.evidence.submit(by, submission.clone());
        submitted.await.unwrap()
    };
    let first = submit().await;
    let accepted: Vec<_> = first.accepted.iter().map(|one| one.index).collect();
    assert_eq!(accepted, [1, 2]);
    assert_eq!(first.refused.len(), 1);
    city.pass(hours(1));
    assert_eq!(submit().await, first);
}

async fn foreign_verdicts_of_one_authority_are_few_on_one_day(city: City) {
    let li = city.resident("Li").await;
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::ForeignVerdictsADay, 2);
        })
        .await;
    let send = async |seed| {
        let submission = Submission {
            request: None,
            content: None,
            items: vec![Item {
                subject: li.subject(),
                said: code(&city, seed, LIFE),
            }],
        };
        let by = city.health.submitter();
        let receipt = node.evidence.submit(by, submission).await.unwrap();
        receipt.refused.first().map(|one| one.field)
    };
    // What is refused is not counted.
    for (seed, refused) in [
        (99, Some("code")),
        (SHANGHAI, None),
        (99, Some("code")),
        (SHANGHAI, None),
        (SHANGHAI, Some("kind")),
    ] {
        assert_eq!(send(seed).await, refused);
    }
}
