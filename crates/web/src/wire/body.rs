//! A JSON body that is refused with the field and without the value.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use service::ServiceError;

use crate::principal::ExpectedBody;
use crate::problem::{Problem, ProblemType};

/// A request body in JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "Send the body as `Content-Type: application/json`.";
            return Err(Problem::new(ProblemType::UnsupportedMediaType, detail));
        }
        let expected = request.extensions().get::<ExpectedBody>().cloned();
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        if let Some(ExpectedBody(digest)) = expected {
            digest.check(&bytes).map_err(ServiceError::from)?;
        }
        read(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = declared
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The problem with a body that did not arrive.
pub(crate) fn unread(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "Send less at once; large files go in parts of at most 1,000 rows.";
        return Problem::new(ProblemType::TooLarge, detail);
    }
    Problem::new(
        ProblemType::Unreadable,
        "The body ended early. Send the request again.",
    )
}

/// Reads JSON; the problem names the field.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            return Problem::invalid(field, without_value(&error.to_string()));
        }
        let place = format!("line {}, column {}", error.line(), error.column());
        let detail = format!("The body is not valid JSON at {place}. Correct it and send again.");
        Problem::new(ProblemType::Unreadable, detail)
    })?;
    json.end().map_err(|_| {
        let detail = "More text follows the JSON value. Send one value.";
        Problem::new(ProblemType::Unreadable, detail)
    })?;
    Ok(read)
}

/// Takes the value out of serde's message: it may be a name or a number of somebody.
fn without_value(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    for start in ["invalid type: ", "invalid value: "] {
        let Some((found, expected)) = message
            .strip_prefix(start)
            .and_then(|rest| rest.rsplit_once(", expected "))
        else {
            continue;
        };
        let kind = found.split(['"', '`']).next().unwrap_or_default().trim();
        return format!("expected {expected}, found {kind}");
    }
    if let Some((_, expected)) = message.rsplit_once(", expected ") {
        return format!("expected {expected}");
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sample {
        rows: Vec<u8>,
    }

    #[test]
    fn a_refused_body_names_the_field_and_not_the_value() {
        for (json, field, reason) in [
            (
                r#"{"rows":[1,"13800000000"]}"#,
                "rows[1]",
                "expected u8, found string",
            ),
            (
                r#"{"rows":[13800000000]}"#,
                "rows[0]",
                "expected u8, found integer",
            ),
            (r#"{}"#, ".", "missing field `rows`"),
            (
                r#"{"rows":[],"13800000000":1}"#,
                "13800000000",
                "expected `rows`",
            ),
        ] {
            let problem = read::<Sample>(json.as_bytes()).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::Invalid, "{json}");
            assert_eq!(problem.errors()[0].field, field, "{json}");
            assert_eq!(problem.errors()[0].reason, reason, "{json}");
        }
        for json in ["", "{", "nonsense", r#"{"rows":[]} {}"#] {
            let problem = read::<Sample>(json.as_bytes()).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::Unreadable, "{json}");
        }
    }
}
