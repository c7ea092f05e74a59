//! Forms are taken from our own pages only.
//!
//! The session cookies are `SameSite=Strict` already; this is the second lock, which also holds in
//! a browser that ignores the first.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::problem::{Problem, ProblemType};

/// A form sent from a page of this site.
pub(crate) struct SameOriginForm<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for SameOriginForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_from_here(request.headers()) {
            let detail = "`Origin` is not this site.";
            return Err(Problem::new(ProblemType::CrossSite, detail));
        }
        let form = axum::extract::Form::<T>::from_request(request, state).await;
        form.map(|form| Self(form.0))
            .map_err(|_| Problem::new(ProblemType::Unreadable, "The form cannot be read."))
    }
}

/// Whether the browser says that the request comes from this site. Every browser of the last years
/// sends `Origin` with a POST.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site"))
        && site != "same-origin"
    {
        return false;
    }
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    origin
        .split_once("://")
        .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_form_from_our_own_pages_is_taken() {
        let case = |fields: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().unwrap());
            }
            is_from_here(&headers)
        };
        assert!(case(&[
            ("host", "code.example"),
            ("origin", "https://code.example")
        ]));
        assert!(case(&[
            ("host", "127.0.0.1:8080"),
            ("origin", "http://127.0.0.1:8080")
        ]));
        assert!(!case(&[
            ("host", "code.example"),
            ("origin", "https://evil.example")
        ]));
        assert!(!case(&[("host", "code.example"), ("origin", "null")]));
        assert!(!case(&[("host", "code.example")]));
        assert!(!case(&[
            ("host", "code.example"),
            ("origin", "https://code.example"),
            ("sec-fetch-site", "cross-site"),
        ]));
    }
}
