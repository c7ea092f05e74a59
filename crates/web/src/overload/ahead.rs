//! Reads the body of a request before the request is taken in.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};

use crate::middleware::LARGEST_BODY;
use crate::problem::{Problem, ProblemType};

/// Reads the body as far as that of a request about one thing goes. What is longer is a list: its
/// rest is read by the handler, once it knows who sends it. Says whether the whole body was read.
///
/// # Errors
/// `unreadable`, if the body ends early.
pub(super) async fn read(request: Request) -> Result<(Request, bool), Problem> {
    if request.body().is_end_stream() {
        return Ok((request, true));
    }
    let (head, mut rest) = request.into_parts();
    let mut first = Vec::new();
    while first.len() <= LARGEST_BODY {
        let Some(frame) = rest.frame().await else {
            return Ok((Request::from_parts(head, Body::from(first)), true));
        };
        let frame = frame.map_err(|_| {
            let detail = "The body ended early. Send the request again.";
            Problem::new(ProblemType::Unreadable, detail)
        })?;
        if let Ok(data) = frame.into_data() {
            first.extend_from_slice(&data);
        }
    }
    let first = Some(Bytes::from(first));
    let request = Request::from_parts(head, Body::new(Ahead { first, rest }));
    Ok((request, false))
}

/// A body whose beginning was read already.
struct Ahead {
    first: Option<Bytes>,
    rest: Body,
}

impl HttpBody for Ahead {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, Bytes::len) as u64;
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + first);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + first);
        }
        hint
    }
}
