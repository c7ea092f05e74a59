//! Every text of a request that the API document knows is refused if it holds what cannot be seen.

use std::collections::BTreeSet;

use domain::evidence::{Holds, Requirement, SentFact};
use domain::{AuthorityKind, FactKind, Role};
use serde_json::{Value, json};
use service::{Cap, Caps};

use crate::testing::{City, Person};

/// A request with a text in it. The text lies at `pointer` of the body.
struct Sample {
    address: &'static str,
    body: Value,
    pointer: &'static str,
    /// The last part of the field that the refusal names.
    field: &'static str,
}

#[tokio::test]
async fn every_text_of_the_document_is_refused_with_its_field_if_it_cannot_be_seen() {
    // One of each kind is to wait.
    let many = |caps: Caps| caps.with(Cap::WaitingProposals, 50);
    let city = City::start_with_caps(many).await;
    let (contradicted, contradiction) = city.contradicted_resident("Hua").await;
    let samples = samples(&city).await;
    let tried: BTreeSet<(String, String)> = samples
        .iter()
        .map(|one| (one.address.to_owned(), one.pointer.to_owned()))
        .collect();
    let document: Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    // Not kept: a code is read and answered. A policy is a document with a reader of its own.
    let exempt = ["/api/v1/verifications", "/api/v1/policies"];
    let mut known = texts_of(&document);
    known.retain(|(address, _)| !exempt.contains(&&**address));
    assert_eq!(
        known, tried,
        "a text without a sample, or a sample without a text"
    );
    let proposal = city.propose_next_policy().await;
    let ask = city.post("/api/v1/orders").token(&city.health);
    let ming = city.well_resident("Li").await;
    let order = ask.json(&new_order(&city, &ming)).await;
    let another_office = city.another_officer().await;
    let admin = city.administrator().await;
    let ask = city.post("/api/v1/staff/proposals").token(&admin);
    let member = ask.json(&new_member(&city).await).await;
    let member = member.json["id"].as_str().unwrap();
    let ask = city.post("/api/v1/feeds").token(&admin);
    let feed = ask.json(&new_feed(&city).await).await;
    let feed = feed.json["proposal"].as_str().unwrap();
    let ask = city.post("/api/v1/disclosures").token(&city.health);
    let disclosure = ask.json(&new_disclosure(&city, &ming)).await;
    let ask = city.post("/api/v1/sunset").token(&admin);
    let sunset = ask.json(&json!({ "law": "Law 1" })).await;
    let sunset = sunset.json["id"].as_str().unwrap();
    let officer = city
        .staff_with(AuthorityKind::Health, Role::HealthOfficer)
        .await;
    let queue = city.get("/api/v1/appeals").token(&officer).await;
    let appeal = &queue.json[0];
    let mut asked: u32 = 1_000_000;
    for sample in samples {
        for unseen in ["\0", "\u{7}", "\u{202e}"] {
            let mut body = sample.body.clone();
            let text = body.pointer_mut(sample.pointer).unwrap();
            *text = json!(format!("A{unseen}B"));
            let address = sample.address.replace("{evidence}", &"0".repeat(32));
            let address = address.replace(
                "{person}/contradictions",
                &format!("{}/contradictions", contradicted.person),
            );
            let address = address
                .replace(
                    "staff/proposals/{proposal}",
                    &format!("staff/proposals/{member}"),
                )
                .replace(
                    "feeds/proposals/{proposal}",
                    &format!("feeds/proposals/{feed}"),
                )
                .replace("sunset/{proposal}", &format!("sunset/{sunset}"))
                .replace("{disclosure}", disclosure.json["id"].as_str().unwrap())
                .replace("{proposal}", proposal.as_str().unwrap())
                .replace("{order}", order.json["id"].as_str().unwrap())
                .replace("{person}", appeal["person"].as_str().unwrap())
                .replace("{appeal}", appeal["id"].as_str().unwrap())
                .replace("{id}", &contradiction)
                .replace("{batch}", &"0".repeat(32));
            let token = match sample.address {
                "/api/v1/memberships" => &city.community,
                "/api/v1/me/appeals" => &ming.token,
                "/api/v1/me/contradictions/{id}" => &contradicted.token,
                settled if settled.contains("/contradictions/") => &officer,
                "/api/v1/people/{person}/appeals/{appeal}/answer" => &officer,
                office if office.starts_with("/api/v1/office/") => &city.community,
                "/api/v1/staff/proposals" | "/api/v1/feeds" | "/api/v1/sunset" => &admin,
                "/api/v1/staff/proposals/{proposal}/approval"
                | "/api/v1/staff/proposals/{proposal}/rejection"
                | "/api/v1/feeds/proposals/{proposal}/approval"
                | "/api/v1/feeds/proposals/{proposal}/rejection"
                | "/api/v1/proposals/{proposal}/approval"
                | "/api/v1/orders/{order}/approval"
                | "/api/v1/orders/{order}/rejection"
                | "/api/v1/batches/{batch}/approval"
                | "/api/v1/batches/{batch}/rejection"
                | "/api/v1/disclosures/{disclosure}/approval"
                | "/api/v1/disclosures/{disclosure}/rejection"
                | "/api/v1/sunset/{proposal}/approval"
                | "/api/v1/sunset/{proposal}/rejection" => &another_office,
                _ => &city.health,
            };
            asked += 1;
            let ask = city
                .post(&address)
                .token(token)
                .key(&format!("{asked:032x}"));
            let answer = ask.json(&body).await;
            let at = format!("{address} {}: {answer:?}", sample.pointer);
            let refused = match &answer.json["refused"] {
                Value::Array(items) => items[0]["errors"].clone(),
                _ => {
                    assert_eq!(answer.status, 422, "{at}");
                    answer.json["errors"].clone()
                }
            };
            let field = refused[0]["field"].as_str().unwrap_or_default();
            assert!(field.ends_with(sample.field), "{at}");
        }
    }
}

const WORDS: &str = "/api/v1/people/{person}/contradictions/{id}/words";
const CONFIRMATION: &str = "/api/v1/people/{person}/contradictions/{id}/confirmation";
const DISMISSAL: &str = "/api/v1/people/{person}/contradictions/{id}/dismissal";
const ANSWER: &str = "/api/v1/people/{person}/appeals/{appeal}/answer";

async fn samples(city: &City) -> Vec<Sample> {
    let ming = city.well_resident("Ming").await;
    let mut samples = Vec::new();
    let mut add = |address, body: Value, texts: &[(&'static str, &'static str)]| {
        for &(pointer, field) in texts {
            let body = body.clone();
            samples.push(Sample {
                address,
                body,
                pointer,
                field,
            });
        }
    };
    let fact = |kind| fact_with_every_text(city, kind);
    for kind in SentFact::KINDS {
        let item = json!({ "person": ming.person, "fact": fact(kind) });
        for (text, field) in texts_of_kind(kind) {
            let single: &'static str = format!("/fact/{text}").leak();
            let many: &'static str = format!("/items/0/fact/{text}").leak();
            add("/api/v1/evidence", item.clone(), &[(single, field)]);
            let batch = json!({ "items": [item] });
            add("/api/v1/evidence/batches", batch, &[(many, field)]);
            let added: &'static str = format!("/add/0/fact/{text}").leak();
            let answer = json!({ "reasons": "Fine.", "add": [item] });
            add(ANSWER, answer, &[(added, field)]);
        }
    }
    let contact = city.close_contact(&ming);
    city.submit(&city.health, &contact).await;
    let appeal = json!({ "why": "I was at home." });
    let filed = city
        .post("/api/v1/me/appeals")
        .token(&ming.token)
        .json(&appeal)
        .await;
    assert_eq!(filed.status, 201, "{filed:?}");
    add("/api/v1/me/appeals", appeal.clone(), &[("/why", "why")]);
    let said = json!({ "words": "I was at home." });
    let reasons = json!({ "reasons": "Fine." });
    add(
        "/api/v1/me/contradictions/{id}",
        said.clone(),
        &[("/words", "words")],
    );
    add(WORDS, said, &[("/words", "words")]);
    add(CONFIRMATION, reasons.clone(), &[("/reasons", "reasons")]);
    add(DISMISSAL, reasons, &[("/reasons", "reasons")]);
    let document = json!({ "kind": "99", "number": "TEST0001" });
    let item = json!({ "document": document, "fact": fact(FactKind::Test) });
    add(
        "/api/v1/evidence",
        item.clone(),
        &[("/document/number", "number")],
    );
    let batch = json!({ "items": [item] });
    add(
        "/api/v1/evidence/batches",
        batch,
        &[("/items/0/document/number", "number")],
    );
    let withdrawal = json!({ "document": document });
    let address = "/api/v1/evidence/{evidence}/withdrawal";
    add(address, withdrawal, &[("/document/number", "number")]);
    let household = json!({ "items": [{ "document": document, "group": "flat 1",
                            "relation": "household", "from": city.hours_ago(900) }]});
    let texts = [
        ("/items/0/document/number", "number"),
        ("/items/0/group", "group"),
    ];
    add("/api/v1/memberships", household, &texts);
    let registration = json!({ "name": "Mei", "document": { "kind": "99", "number": "TEST9999" },
                               "phones": ["13800000000"] });
    let texts = [
        ("/document/number", "number"),
        ("/name", "name"),
        ("/phones/0", "phones"),
    ];
    add("/api/v1/registrations", registration, &texts);
    let for_holder = json!({ "document": document, "appeal": appeal });
    let texts = [("/document/number", "number"), ("/appeal/why", "why")];
    add("/api/v1/office/appeals", for_holder, &texts);
    add(
        ANSWER,
        json!({ "reasons": "Fine." }),
        &[("/reasons", "reasons")],
    );
    let about_document = json!({ "document": document, "fact": fact(FactKind::Test) });
    let answer = json!({ "reasons": "Fine.", "add": [about_document] });
    add(ANSWER, answer, &[("/add/0/document/number", "number")]);
    let number = [("/document/number", "number")];
    let sign_in = json!({ "document": document, "phone": "13800000000" });
    add("/api/v1/sign-ins", sign_in, &number);
    let in_hand = json!({ "document": document });
    add("/api/v1/office/claims", in_hand.clone(), &number);
    add("/api/v1/office/cards", in_hand, &number);
    let of_account = json!({ "document": document, "account": "0".repeat(32) });
    add("/api/v1/office/bindings", of_account.clone(), &number);
    add("/api/v1/office/releases", of_account.clone(), &number);
    add("/api/v1/office/consents/end", of_account, &number);
    let consent =
        json!({ "document": document, "account": "0".repeat(32), "consenting": document });
    let texts = [
        ("/document/number", "number"),
        ("/consenting/number", "number"),
    ];
    add("/api/v1/office/consents", consent, &texts);
    let ward = json!({ "document": document, "account": "0".repeat(32), "ward": document,
                       "reason": "a court" });
    let texts = [
        ("/document/number", "number"),
        ("/ward/number", "number"),
        ("/reason", "reason"),
    ];
    add("/api/v1/office/wards", ward, &texts);
    let venue = json!({ "name": "Noodle bar", "category": "restaurant" });
    add(
        "/api/v1/venues",
        venue,
        &[("/name", "name"), ("/category", "category")],
    );
    for address in [
        "/api/v1/proposals/{proposal}/approval",
        "/api/v1/proposals/{proposal}/rejection",
        "/api/v1/orders/{order}/approval",
        "/api/v1/orders/{order}/rejection",
        "/api/v1/batches/{batch}/approval",
        "/api/v1/batches/{batch}/rejection",
        "/api/v1/staff/proposals/{proposal}/approval",
        "/api/v1/staff/proposals/{proposal}/rejection",
        "/api/v1/feeds/proposals/{proposal}/approval",
        "/api/v1/feeds/proposals/{proposal}/rejection",
        "/api/v1/disclosures/{disclosure}/approval",
        "/api/v1/disclosures/{disclosure}/rejection",
        "/api/v1/sunset/{proposal}/approval",
        "/api/v1/sunset/{proposal}/rejection",
    ] {
        add(
            address,
            json!({ "reason": "seen" }),
            &[("/reason", "reason")],
        );
    }
    let mut order = new_order(city, &ming);
    order["documents"] = json!([document]);
    let texts = [("/basis", "basis"), ("/documents/0/number", "number")];
    add("/api/v1/orders", order, &texts);
    let texts = [("/basis", "basis"), ("/recipient", "recipient")];
    add("/api/v1/disclosures", new_disclosure(city, &ming), &texts);
    let opening = json!({ "document": document, "purpose": "order", "reference": "case 1" });
    let texts = [
        ("/document/number", "number"),
        ("/purpose", "purpose"),
        ("/reference", "reference"),
    ];
    add("/api/v1/records", opening, &texts);
    add(
        "/api/v1/sunset",
        json!({ "law": "Law 1" }),
        &[("/law", "law")],
    );
    let name = [("/name", "name")];
    add("/api/v1/staff/proposals", new_member(city).await, &name);
    add("/api/v1/feeds", new_feed(city).await, &name);
    samples
}

/// The texts in a fact that is sent: where in it, and the field that a refusal names. Another issuer's
/// verdict is sent as the code that it signed.
fn texts_of_kind(kind: FactKind) -> Vec<(String, &'static str)> {
    if kind == FactKind::ForeignVerdict {
        return vec![("code".to_owned(), "code")];
    }
    let fields = kind.fields().iter();
    let texts = fields.filter_map(|field| match field.holds {
        Holds::Text => Some((field.json.to_owned(), field.json)),
        Holds::Signatures => Some((format!("{}/0", field.json), field.json)),
        _ => None,
    });
    texts.collect()
}

/// A fact with all that its kind must have, and every text that it may have.
fn fact_with_every_text(city: &City, kind: FactKind) -> Value {
    if kind == FactKind::ForeignVerdict {
        return json!({ "kind": kind.as_str(), "code": "HC1:A" });
    }
    let mut fact = json!({ "kind": kind.as_str() });
    // Periods run forwards: each time is an hour after the one before.
    let mut hours = 10;
    for field in kind.fields() {
        let value = match field.holds {
            Holds::Text => json!("A"),
            Holds::Signatures => json!(["Dr Li", "Dr Wu"]),
            _ if field.requirement != Requirement::Always => continue,
            Holds::Past => {
                hours -= 1;
                json!(city.hours_ago(hours))
            }
            Holds::Time => json!(city.hours_ago(-9)),
            Holds::Word(words) => json!(words.words[0]),
            Holds::Whole(least, _) => json!(least),
            Holds::Region => json!("330100"),
            other => panic!("{kind:?}: no sample of {other:?}"),
        };
        fact[field.json] = value;
    }
    fact
}

async fn new_feed(city: &City) -> Value {
    let laboratory = city.authority("Laboratory 1").await;
    json!({ "authority": laboratory, "name": "sequencer", "rate_per_minute": 60, "days": 30 })
}

/// Somebody who is to become a staff member.
async fn new_member(city: &City) -> Value {
    json!({ "authority": city.authority("City health office").await, "name": "Dr Ou",
            "roles": ["approver"] })
}

/// An order that is to be approved.
fn new_order(city: &City, person: &Person) -> Value {
    json!({ "people": [person.person], "colour": "yellow", "basis": "Law 1",
            "from": city.hours_ago(1), "until": city.hours_ago(-9) })
}

/// A disclosure that is to be approved.
fn new_disclosure(city: &City, person: &Person) -> Value {
    json!({ "people": [person.person], "basis": "Law 1", "recipient": "City Police",
            "kinds": ["declaration"], "from": city.hours_ago(48), "until": city.hours_ago(-1),
            "ends": city.hours_ago(-24) })
}

/// Each text without a form of its own in the body of a request: address, and where in the body.
fn texts_of(document: &Value) -> BTreeSet<(String, String)> {
    let mut texts = BTreeSet::new();
    for (address, methods) in document["paths"].as_object().unwrap() {
        for endpoint in methods.as_object().unwrap().values() {
            let Some(content) = endpoint["requestBody"]["content"].as_object() else {
                continue;
            };
            for body in content.values() {
                collect(document, &body["schema"], "", &mut |pointer| {
                    texts.insert((address.clone(), pointer.to_owned()));
                });
            }
        }
    }
    texts
}

fn collect(document: &Value, schema: &Value, at: &str, found: &mut impl FnMut(&str)) {
    if let Some(named) = schema["$ref"].as_str() {
        let named = named.strip_prefix('#').unwrap();
        return collect(document, document.pointer(named).unwrap(), at, found);
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        for one in schema[list].as_array().into_iter().flatten() {
            collect(document, one, at, found);
        }
    }
    let kind = &schema["type"];
    let is_text = kind == "string"
        || kind
            .as_array()
            .is_some_and(|k| k.contains(&json!("string")));
    let has_form = ["enum", "format", "pattern"]
        .iter()
        .any(|form| schema.get(*form).is_some());
    if is_text && !has_form {
        found(at);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        collect(document, property, &format!("{at}/{name}"), found);
    }
    let items = schema.get("items").into_iter();
    let items = items.chain(schema["prefixItems"].as_array().into_iter().flatten());
    for item in items {
        collect(document, item, &format!("{at}/0"), found);
    }
}
