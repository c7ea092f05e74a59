//! The JSON Schema of a policy document, from the same tables that read it.
//!
//! Editors use it to complete and to underline. It is looser than [`super::Policy::parse`], which
//! also sees what rules mean.

use super::document::SUSPEND;
use super::fields::Field;
use super::json::{Json, list, object, text, words};
use super::model::{DateName, FieldType};
use crate::account::Assurance;
use crate::appeal::Relief;
use crate::evidence::FactKind;
use crate::region::Level;

/// The schema (draft 7, which editors of TOML understand) as JSON text. The file
/// `docs/policy.schema.json` holds it.
pub fn schema() -> String {
    let kinds = || {
        FactKind::ALL
            .iter()
            .copied()
            .filter(|kind| *kind != FactKind::Withdrawal)
    };
    let mut definitions = vec![
        ("policy".to_owned(), header()),
        ("declaration".to_owned(), declaration()),
        ("code".to_owned(), code()),
        ("appeal".to_owned(), appeal()),
        ("contradictions".to_owned(), contradictions()),
        ("rule".to_owned(), rule(kinds())),
        ("lift".to_owned(), release(kinds())),
        ("repeated".to_owned(), repeated()),
        (
            "duration".to_owned(),
            pattern("^[0-9]{1,5}[dh]$", "Local days (14d) or hours (72h)"),
        ),
        (
            "region".to_owned(),
            pattern("^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[A-Z]{2})$", REGION),
        ),
        (
            "slug".to_owned(),
            pattern("^[a-z0-9]+(-[a-z0-9]+)*$", "A name such as close-contact"),
        ),
        ("text".to_owned(), translated()),
    ];
    definitions.extend(kinds().map(|kind| (format!("where_{kind}"), conditions(kind))));
    let document = object([
        ("$schema", text("http://json-schema.org/draft-07/schema#")),
        ("title", text("Health code policy")),
        (
            "description",
            text(
                "The rules that turn evidence about a person into a verdict. See policy-language.md.",
            ),
        ),
        ("type", text("object")),
        (
            "properties",
            object([
                ("policy", reference("policy")),
                ("declaration", reference("declaration")),
                ("code", reference("code")),
                ("appeal", reference("appeal")),
                ("contradictions", reference("contradictions")),
                (
                    "rule",
                    object([("type", text("array")), ("items", reference("rule"))]),
                ),
            ]),
        ),
        ("required", words(["policy", "declaration"])),
        ("additionalProperties", Json::Bool(false)),
        ("definitions", object(definitions)),
    ]);
    document.pretty()
}

const REGION: &str = "A GB/T 2260 code of 2, 4, 6 or 9 digits, or an ISO 3166 country";

fn header() -> Json {
    closed(
        [
            ("id", reference("slug")),
            (
                "version",
                described(
                    number("integer", Some("1"), None),
                    "Counts up with each change",
                ),
            ),
            ("issuer", reference("region")),
            (
                "time_zone",
                string("In which days are counted, for example Asia/Shanghai"),
            ),
            (
                "effective",
                timestamp("From when it may be in force, with an offset"),
            ),
            ("look_back", reference("duration")),
            (
                "languages",
                described(nonempty_list(object([("type", text("string"))])), LANGUAGES),
            ),
            (
                "approved_by",
                object([
                    ("type", text("array")),
                    ("items", object([("type", text("string"))])),
                    ("description", text("Who approved it")),
                ]),
            ),
            ("contest", reference("text")),
        ],
        &[
            "id",
            "version",
            "issuer",
            "time_zone",
            "effective",
            "look_back",
            "languages",
            "contest",
        ],
    )
}

const LANGUAGES: &str = "Every text exists in each of these, the preferred first";

fn declaration() -> Json {
    closed([("lasts", reference("duration"))], &["lasts"])
}

fn code() -> Json {
    let needs = described(object([("enum", words(Assurance::WORDS.to_vec()))]), NEEDS);
    closed([("needs", needs)], &["needs"])
}

fn appeal() -> Json {
    let within = "How long an answer may take, at most 14d";
    let relief = object([("enum", words(Relief::ALL.map(Relief::as_str).to_vec()))]);
    let suspend = object([("enum", words(SUSPEND.to_vec()))]);
    closed(
        [
            ("answer_within", described(reference("duration"), within)),
            ("relief", described(relief, RELIEF)),
            ("suspend", described(suspend, SUSPENDED)),
        ],
        &["answer_within"],
    )
}

fn contradictions() -> Json {
    let levels = object([("enum", words(Level::ALL.map(Level::as_str).to_vec()))]);
    closed(
        [
            ("stays", described(levels, COMPARED_STAYS)),
            ("tests", described(reference("duration"), COMPARED_TESTS)),
            ("hear_within", described(reference("duration"), HEARD)),
        ],
        &["hear_within"],
    )
}

const COMPARED_STAYS: &str = "Stays that carriers and hotels recorded in regions of at least this \
                              level are held against where people said they were";
const COMPARED_TESTS: &str = "Positive tests are held against what people say of their health for so \
                              long after the sample";
const HEARD: &str = "How long a person has to say something about it, 24h to 14d";

const RELIEF: &str = "What a restriction gives at most while an appeal against it is open; none if it \
                      is left out";
const SUSPENDED: &str = "Whether a restriction ends, until there is an answer, once twice that time \
                         has passed; never if it is left out";

const NEEDS: &str = "How far an account must be proven to be the person before it gets a code; \
                     phone if it is left out";

fn rule(kinds: impl Iterator<Item = FactKind> + Clone) -> Json {
    let names: Vec<_> = kinds.clone().map(FactKind::as_str).collect();
    let mut rule = vec![
        ("type", text("object")),
        (
            "properties",
            object([
                ("id", reference("slug")),
                (
                    "reads",
                    described(object([("enum", words(names))]), "The kind of evidence"),
                ),
                (
                    "where",
                    described(object([("type", text("object"))]), "What must hold of it"),
                ),
                ("repeated", reference("repeated")),
                (
                    "gives",
                    object([("enum", words(["red", "yellow", "advice"]))]),
                ),
                (
                    "starts",
                    string("A date of the evidence, or so long after it: last + 7d"),
                ),
                (
                    "lasts",
                    string("14d, 72h, or until (the evidence's own end)"),
                ),
                (
                    "lifted_by",
                    object([("type", text("array")), ("items", reference("lift"))]),
                ),
                ("title", reference("text")),
                ("reason", reference("text")),
                ("guidance", reference("text")),
            ]),
        ),
        (
            "required",
            words([
                "id", "reads", "gives", "starts", "lasts", "title", "reason", "guidance",
            ]),
        ),
        ("additionalProperties", Json::Bool(false)),
    ];
    let by_kind = kinds.map(|kind| {
        let mut then = vec![
            ("where", reference(&format!("where_{kind}"))),
            ("starts", pattern(&starts(kind), "A date of the evidence")),
        ];
        if kind == FactKind::Order {
            then.push(("lasts", object([("const", text("until"))])));
        } else if kind != FactKind::ForeignVerdict {
            then.push(("lasts", reference("duration")));
        }
        when("reads", kind, then)
    });
    rule.push(("allOf", list(by_kind)));
    object(rule)
}

/// `if` the field `name` is `kind`, `then` these are the other fields.
fn when(name: &str, kind: FactKind, then: Vec<(&str, Json)>) -> Json {
    let is_kind = object([(name, object([("const", text(kind.as_str()))]))]);
    object([
        (
            "if",
            object([("properties", is_kind), ("required", words([name]))]),
        ),
        ("then", object([("properties", object(then))])),
    ])
}

fn starts(kind: FactKind) -> String {
    let dates: Vec<_> = match kind {
        FactKind::Order => vec!["from"],
        _ => DateName::all_of(kind, true)
            .iter()
            .map(|date| date.name())
            .collect(),
    };
    let offset = if kind == FactKind::Order {
        ""
    } else {
        "( *\\+ *[0-9]{1,5}[dh])?"
    };
    format!("^({}){offset}$", dates.join("|"))
}

fn release(kinds: impl Iterator<Item = FactKind> + Clone) -> Json {
    let names: Vec<_> = kinds.clone().map(FactKind::as_str).collect();
    let by_kind = kinds.map(|kind| {
        when(
            "evidence",
            kind,
            vec![("where", reference(&format!("where_{kind}")))],
        )
    });
    object([
        ("type", text("object")),
        (
            "properties",
            object([
                ("evidence", object([("enum", words(names))])),
                ("where", object([("type", text("object"))])),
                (
                    "count",
                    described(
                        number("integer", Some("1"), Some("1000")),
                        "How many pieces",
                    ),
                ),
                ("apart", reference("duration")),
                ("within", reference("duration")),
                (
                    "consecutive_days",
                    described(
                        number("integer", Some("1"), Some("1000")),
                        "On so many local days in a row",
                    ),
                ),
                (
                    "after",
                    string("starts, starts + 7d, or a date of the rule's evidence"),
                ),
            ]),
        ),
        ("required", words(["evidence"])),
        ("additionalProperties", Json::Bool(false)),
        ("allOf", list(by_kind)),
    ])
}

fn repeated() -> Json {
    closed(
        [
            ("count", number("integer", Some("2"), Some("65535"))),
            ("minutes", number("integer", Some("1"), None)),
            ("within", reference("duration")),
        ],
        &["within"],
    )
}

fn conditions(kind: FactKind) -> Json {
    let fields =
        Field::all_of(kind).map(|(field, field_type)| (field.name(), condition(field, field_type)));
    object([
        ("type", text("object")),
        ("properties", object(fields)),
        ("minProperties", Json::Number("1".to_owned())),
        ("additionalProperties", Json::Bool(false)),
    ])
}

fn condition(field: Field, field_type: FieldType) -> Json {
    match field_type {
        FieldType::Word(known) | FieldType::Words(known) => {
            one_or_many(object([("enum", words(known.iter().copied()))]))
        }
        FieldType::FreeWord => one_or_many(object([
            ("type", text("string")),
            ("minLength", Json::Number("1".to_owned())),
        ])),
        FieldType::Number => {
            let range = field.range();
            let value = || {
                let whole = range.is_some_and(|range| range.step.thousandths() == 1000);
                number(
                    if whole { "integer" } else { "number" },
                    range.map(|range| range.least.to_string()).as_deref(),
                    range.map(|range| range.most.to_string()).as_deref(),
                )
            };
            let bounds = object([
                ("type", text("object")),
                (
                    "properties",
                    object([("at_least", value()), ("at_most", value())]),
                ),
                ("minProperties", Json::Number("1".to_owned())),
                ("additionalProperties", Json::Bool(false)),
            ]);
            object([("anyOf", list([value(), nonempty_list(value()), bounds]))])
        }
        FieldType::Region => object([
            ("type", text("object")),
            (
                "properties",
                object([
                    ("within", one_or_many(reference("region"))),
                    ("outside", one_or_many(reference("region"))),
                ]),
            ),
            ("minProperties", Json::Number("1".to_owned())),
            ("maxProperties", Json::Number("1".to_owned())),
            ("additionalProperties", Json::Bool(false)),
        ]),
    }
}

fn translated() -> Json {
    let tag = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";
    object([
        ("type", text("object")),
        ("description", text("The same text in each language")),
        (
            "patternProperties",
            object([(tag, object([("type", text("string"))]))]),
        ),
        ("minProperties", Json::Number("1".to_owned())),
        ("additionalProperties", Json::Bool(false)),
    ])
}

fn closed<const N: usize>(fields: [(&str, Json); N], required: &[&str]) -> Json {
    object([
        ("type", text("object")),
        ("properties", object(fields)),
        ("required", words(required.iter().copied())),
        ("additionalProperties", Json::Bool(false)),
    ])
}

fn one_or_many(value: Json) -> Json {
    object([("anyOf", list([value.clone(), nonempty_list(value)]))])
}

fn nonempty_list(items: Json) -> Json {
    object([
        ("type", text("array")),
        ("items", items),
        ("minItems", Json::Number("1".to_owned())),
        ("uniqueItems", Json::Bool(true)),
    ])
}

fn number(kind: &str, least: Option<&str>, most: Option<&str>) -> Json {
    let mut fields = vec![("type", text(kind))];
    fields.extend(least.map(|least| ("minimum", Json::Number(least.to_owned()))));
    fields.extend(most.map(|most| ("maximum", Json::Number(most.to_owned()))));
    object(fields)
}

fn pattern(pattern: &str, description: &str) -> Json {
    object([
        ("type", text("string")),
        ("pattern", text(pattern)),
        ("description", text(description)),
    ])
}

fn string(description: &str) -> Json {
    object([("type", text("string")), ("description", text(description))])
}

fn timestamp(description: &str) -> Json {
    object([
        ("type", text("string")),
        ("format", text("date-time")),
        ("description", text(description)),
    ])
}

fn described(value: Json, description: &str) -> Json {
    match value {
        Json::Object(mut fields) => {
            fields.push(("description".to_owned(), text(description)));
            Json::Object(fields)
        }
        other => other,
    }
}

fn reference(definition: &str) -> Json {
    object([("$ref", text(format!("#/definitions/{definition}")))])
}
