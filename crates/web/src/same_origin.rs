//! Forms are taken from our own pages only.
//!
//! The session cookies are `SameSite=Strict` already; this is the second lock, which also holds in
//! a browser that ignores the first.

use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::problem::{Problem, ProblemType};
use crate::wire::{FormData, unread};

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
        form.map(|form| Self(form.0)).map_err(|why| match why {
            FormRejection::BytesRejection(why) => unread(why),
            _ => Problem::new(ProblemType::Unreadable, "The form cannot be read."),
        })
    }
}

/// A form with a file, sent from a page of this site.
pub(crate) struct SameOriginUpload(pub(crate) FormData);

impl<S: Send + Sync> FromRequest<S> for SameOriginUpload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_from_here(request.headers()) {
            let detail = "`Origin` is not this site.";
            return Err(Problem::new(ProblemType::CrossSite, detail));
        }
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        let form = FormData::read(&headers, &bytes);
        let unreadable = || Problem::new(ProblemType::Unreadable, "The form cannot be read.");
        form.map(Self).ok_or_else(unreadable)
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

/// Whether a link on a page of this site was followed. An older browser that does not say so tells the
/// page that it comes from.
pub(crate) fn is_followed_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let (Some(from), Some(host)) = (text(header::REFERER), text(header::HOST)) else {
        return false;
    };
    let from = from.split_once("://").map(|(_, rest)| rest);
    let from = from.and_then(|rest| rest.split('/').next());
    from.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
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

    #[test]
    fn a_link_counts_if_it_was_followed_on_our_own_pages() {
        for (name, value, counts) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "none", false),
            ("referer", "https://code.example/sign-in/a", true),
            ("referer", "https://code.example", true),
            ("referer", "https://code.example.evil.example/", false),
            ("referer", "https://evil.example/code.example", false),
            ("accept", "*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", "code.example".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            assert_eq!(is_followed_from_here(&headers), counts, "{name}: {value}");
        }
    }
}
