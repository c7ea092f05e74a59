//! The published JSON Schema: up to date, true to the shipped policies, and free of every field that
//! invariant 5 forbids.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]

use std::path::Path;

use regex_automata::nfa::thompson::pikevm::PikeVM;
use serde_json::{Map, Value};

fn schema() -> Value {
    serde_json::from_str(&domain::policy::schema()).unwrap()
}

#[test]
fn the_published_schema_is_up_to_date() {
    let published = include_str!("../../../docs/policy.schema.json");
    let stale = "docs/policy.schema.json is stale; run `cargo xtask generate`";
    assert!(published == domain::policy::schema(), "{stale}");
}

#[test]
fn invariant_5_no_field_names_origin_nationality_sex_age_household_or_document() {
    let forbidden = [
        "origin",
        "nationality",
        "citizenship",
        "sex",
        "gender",
        "age",
        "birth",
        "born",
        "household",
        "hukou",
        "registration",
        "document",
        "passport",
        "identity",
        "name",
        "ethnicity",
        "religion",
        "address",
        "phone",
        "job",
        "employer",
    ];
    let mut names = Vec::new();
    property_names(&schema(), &mut names);
    assert!(
        names.iter().any(|name| name == "relation"),
        "the visitor finds fields: {names:?}"
    );
    for name in names {
        for word in name.split('_') {
            assert!(!forbidden.contains(&word), "a policy may not read `{name}`");
        }
    }
}

fn property_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                names.extend(properties.keys().cloned());
            }
            fields
                .values()
                .for_each(|field| property_names(field, names));
        }
        Value::Array(values) => values.iter().for_each(|value| property_names(value, names)),
        _ => {}
    }
}

#[test]
fn every_shipped_policy_satisfies_the_schema() {
    let schema = schema();
    let mut count = 0;
    for entry in std::fs::read_dir(policies()).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".toml") && !name.ends_with(".cases.toml") {
            let document = json_of(&std::fs::read_to_string(&file).unwrap());
            assert_eq!(problems(&schema, &document), [""; 0], "{name}");
            count += 1;
        }
    }
    assert!(count >= 6, "{count} policies");
}

#[test]
fn the_schema_refuses_what_the_tables_do_not_hold() {
    let schema = schema();
    let good = std::fs::read_to_string(policies().join("hangzhou.toml")).unwrap();
    for (right, wrong) in [
        ("status = \"suspected\"", "state = \"suspected\""),
        ("status = \"suspected\"", "status = \"ill\""),
        ("at_least = 37.3", "at_least = 373"),
        ("gives = \"red\"", "gives = \"green\""),
        ("starts = \"sampled\"", "starts = \"at\""),
        ("starts = \"from\"", "starts = \"from + 1d\""),
        ("lasts = \"28d\"", "lasts = \"4w\""),
        ("lasts = \"28d\"", "lasts = \"until\""),
        ("consecutive_days = 7", "consecutive_days = 0"),
        ("issuer = \"330100\"", "issuer = \"Hangzhou\""),
        ("id = \"warm\"", "id = \"Warm\""),
        ("look_back = \"40d\"\n", ""),
        ("ring = { at_least = 2 }", "ring = { above = 2 }"),
    ] {
        assert!(good.contains(right), "{right}");
        let document = json_of(&good.replace(right, wrong));
        assert!(!problems(&schema, &document).is_empty(), "{wrong} passes");
    }
}

fn policies() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

fn json_of(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::String(text),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(value) => value.into(),
            toml::Value::Datetime(timestamp) => Value::String(timestamp.to_string()),
            toml::Value::Array(values) => values.into_iter().map(convert).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(name, value)| (name, convert(value)))
                .collect(),
        }
    }
    convert(toml::Value::Table(text.parse().unwrap()))
}

/// What in `value` the schema refuses. Knows exactly the keywords that the schema uses; another one
/// fails the test, so that none is ignored.
fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Validator { root: schema }.check(schema, value, "", &mut found);
    found
}

struct Validator<'s> {
    root: &'s Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        let rules = schema.as_object().unwrap();
        for (keyword, rule) in rules {
            let holds = match keyword.as_str() {
                "$ref" => {
                    let name = rule.as_str().unwrap().trim_start_matches("#/definitions/");
                    self.check(&self.root["definitions"][name], value, path, found);
                    true
                }
                "type" => is_of_type(rule.as_str().unwrap(), value),
                "enum" => rule.as_array().unwrap().contains(value),
                "const" => rule == value,
                "anyOf" => rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|rule| self.passes(rule, value)),
                "allOf" => {
                    rule.as_array()
                        .unwrap()
                        .iter()
                        .for_each(|r| self.check(r, value, path, found));
                    true
                }
                "if" => {
                    if self.passes(rule, value) {
                        self.check(&rules["then"], value, path, found);
                    }
                    true
                }
                "properties" | "additionalProperties" | "patternProperties" => {
                    self.check_fields(keyword, rules, value, path, found)
                }
                "required" => value.as_object().is_none_or(|fields| {
                    rule.as_array()
                        .unwrap()
                        .iter()
                        .all(|n| fields.contains_key(n.as_str().unwrap()))
                }),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{path}[{index}]"), found);
                    }
                    true
                }
                "minimum" => value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap()),
                "minItems" => value
                    .as_array()
                    .is_none_or(|v| v.len() as u64 >= rule.as_u64().unwrap()),
                "minLength" => value
                    .as_str()
                    .is_none_or(|v| v.len() as u64 >= rule.as_u64().unwrap()),
                "minProperties" => value
                    .as_object()
                    .is_none_or(|v| v.len() as u64 >= rule.as_u64().unwrap()),
                "maxProperties" => value
                    .as_object()
                    .is_none_or(|v| v.len() as u64 <= rule.as_u64().unwrap()),
                "uniqueItems" => value.as_array().is_none_or(|values| {
                    values
                        .iter()
                        .enumerate()
                        .all(|(i, v)| !values[..i].contains(v))
                }),
                "pattern" => value
                    .as_str()
                    .is_none_or(|text| matches(rule.as_str().unwrap(), text)),
                "format" => value.as_str().is_none_or(|text| text.contains('T')),
                "$schema" | "title" | "description" | "definitions" | "then" => true,
                other => panic!("the test does not know the keyword {other}"),
            };
            if !holds {
                found.push(format!("{path}: {keyword}"));
            }
        }
    }

    fn passes(&self, schema: &Value, value: &Value) -> bool {
        let mut found = Vec::new();
        self.check(schema, value, "", &mut found);
        found.is_empty()
    }

    fn check_fields(
        &self,
        keyword: &str,
        rules: &Map<String, Value>,
        value: &Value,
        path: &str,
        found: &mut Vec<String>,
    ) -> bool {
        let Some(fields) = value.as_object() else {
            return true;
        };
        let named = rules.get("properties").and_then(Value::as_object);
        let patterns = rules.get("patternProperties").and_then(Value::as_object);
        let mut holds = true;
        for (name, field) in fields {
            let schema = named.and_then(|named| named.get(name));
            let pattern = patterns
                .and_then(|patterns| patterns.iter().find(|(pattern, _)| matches(pattern, name)));
            let path = format!("{path}.{name}");
            match keyword {
                "properties" => {
                    schema
                        .into_iter()
                        .for_each(|schema| self.check(schema, field, &path, found));
                }
                "patternProperties" => {
                    pattern
                        .into_iter()
                        .for_each(|(_, s)| self.check(s, field, &path, found));
                }
                _ => holds &= schema.is_some() || pattern.is_some(),
            }
        }
        holds
    }
}

fn is_of_type(expected: &str, value: &Value) -> bool {
    match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the test does not know the type {other}"),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let pattern = PikeVM::new(pattern).unwrap();
    pattern.is_match(&mut pattern.create_cache(), text)
}
