//! Claims of a provider become a name, a document and a phone, as the configuration maps them.

use domain::{Document, DocumentKind, Pii};
use serde_json::Value;

use super::error::{ClaimFault, SignInError};
use super::proven::{ProvenIdentity, ProvenSubject};
use super::settings::{DocumentKindFrom, ResidentClaims};

/// As for people who type their name.
const LONGEST_NAME: usize = 100;

/// The resident that `subject` is, by the claims of a checked token.
pub(super) fn identity(
    subject: ProvenSubject,
    claims: &Value,
    named: &ResidentClaims,
) -> Result<ProvenIdentity, SignInError> {
    let fault = |fault| SignInError::Claims(fault);
    let name = text(claims, &named.name).filter(|name| name.chars().count() <= LONGEST_NAME);
    let name = name.ok_or(fault(ClaimFault::Name))?;
    let kind = kind(claims, &named.document_kind).ok_or(fault(ClaimFault::DocumentKind))?;
    let document = text(claims, &named.document_number)
        .and_then(|number| Document::new(kind, &number).ok())
        .ok_or(fault(ClaimFault::DocumentNumber))?;
    let phone = named.phone.as_deref();
    Ok(ProvenIdentity {
        by: subject,
        name: Pii::new(name),
        document,
        phone: phone.and_then(|claim| phone_of(claims, claim)),
    })
}

fn kind(claims: &Value, from: &DocumentKindFrom) -> Option<DocumentKind> {
    match from {
        DocumentKindFrom::Fixed(kind) => Some(*kind),
        DocumentKindFrom::Claim(claim, kinds) => kinds.get(&text(claims, claim)?).copied(),
    }
}

/// A number that the provider says it has not checked proves nothing.
fn phone_of(claims: &Value, claim: &str) -> Option<Pii<String>> {
    let checked = value(claims, &format!("{claim}_verified"));
    if checked == Some(&Value::Bool(false)) {
        return None;
    }
    text(claims, claim).map(Pii::new)
}

fn text(claims: &Value, claim: &str) -> Option<String> {
    let text = match value(claims, claim)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The claim of this name, or what a JSON pointer (RFC 6901) leads to.
fn value<'c>(claims: &'c Value, claim: &str) -> Option<&'c Value> {
    match claim.starts_with('/') {
        true => claims.pointer(claim),
        false => claims.get(claim),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Result<ProvenIdentity, SignInError> {
        let kinds = BTreeMap::from([("passport".to_owned(), DocumentKind::Passport)]);
        let named = ResidentClaims {
            name: "name".to_owned(),
            document_number: "/papers/0/number".to_owned(),
            document_kind: DocumentKindFrom::Claim("/papers/0/type".to_owned(), kinds),
            phone: Some("phone_number".to_owned()),
        };
        let subject = ProvenSubject {
            provider: "national-id".to_owned(),
            issuer: "https://id.example".to_owned(),
            subject: Pii::new("1".to_owned()),
            acr: None,
            authenticated_at: None,
        };
        identity(subject, claims, &named)
    }

    fn claims() -> Value {
        json!({
            "name": " Mei Lan ",
            "papers": [{ "type": "passport", "number": "E 1234567" }],
            "phone_number": "+8613800000000",
        })
    }

    #[test]
    fn a_name_a_document_and_a_phone_are_read_where_the_configuration_says() {
        let identity = read(&claims()).unwrap();
        assert_eq!(identity.name.expose(), "Mei Lan");
        assert_eq!(identity.document.number().expose(), "E1234567");
        assert_eq!(identity.document.kind(), DocumentKind::Passport);
        assert_eq!(identity.phone.unwrap().expose(), "+8613800000000");
    }

    #[test]
    fn a_phone_that_the_provider_has_not_checked_is_left_out() {
        let mut claims = claims();
        claims["phone_number_verified"] = json!(false);
        assert_eq!(read(&claims).unwrap().phone, None);
    }

    #[test]
    fn what_is_missing_or_cannot_be_is_named_and_not_repeated() {
        for (path, value, fault) in [
            ("/name", json!(null), ClaimFault::Name),
            ("/name", json!("x".repeat(101)), ClaimFault::Name),
            ("/name", json!(["Mei"]), ClaimFault::Name),
            (
                "/papers/0/type",
                json!("library card"),
                ClaimFault::DocumentKind,
            ),
            ("/papers/0/number", json!("?"), ClaimFault::DocumentNumber),
            ("/papers/0/number", json!(" "), ClaimFault::DocumentNumber),
        ] {
            let mut claims = claims();
            *claims.pointer_mut(path).unwrap() = value;
            let refused = read(&claims).unwrap_err();
            assert_eq!(refused, SignInError::Claims(fault), "{path}");
            assert!(!refused.to_string().contains("library"));
        }
    }
}
