//! A body that arrives too slowly: its sender gets that answer, and waits for nothing more.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

/// Whether the body of a request was too slow.
#[derive(Clone, Default)]
pub(crate) struct Lateness(Arc<AtomicBool>);

impl Lateness {
    pub(crate) fn is_late(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Lets the body of a request end early with an error unless it has arrived within `longest`.
pub(crate) fn timely(request: Request, longest: Duration) -> (Request, Lateness) {
    let lateness = Lateness::default();
    if request.body().is_end_stream() {
        return (request, lateness);
    }
    let noted = lateness.clone();
    let request = request.map(|body| {
        Body::new(Timely {
            body,
            deadline: Box::pin(tokio::time::sleep(longest)),
            lateness: noted,
        })
    });
    (request, lateness)
}

struct Timely {
    body: Body,
    deadline: Pin<Box<Sleep>>,
    lateness: Lateness,
}

#[derive(Debug, thiserror::Error)]
#[error("the body arrived too slowly")]
struct TooSlow;

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        std::task::ready!(self.deadline.as_mut().poll(context));
        self.lateness.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {

    use axum::Router;
    use axum::http::{Request, header};
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;
    use crate::middleware::around;
    use crate::testing::City;

    /// A body whose end never comes.
    struct Endless;

    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn who_sends_too_slowly_is_told_so_and_the_connection_ends() {
        let mut app = City::start().await.app();
        let settings = app.settings_mut();
        settings.connections.body = Duration::from_millis(1);
        let read = async |body: Bytes| body;
        let routes = Router::new().route("/api/it", post(read));
        let router = around(routes.route("/it", post(read)), &app).with_state(app);
        for (address, media_type) in [
            ("/api/it", "application/problem+json"),
            ("/it", "text/html; charset=utf-8"),
        ] {
            let request = Request::post(address).header(header::HOST, "localhost");
            let request = request.body(Body::new(Endless)).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 408);
            assert_eq!(answer.headers()[header::CONTENT_TYPE], media_type);
            assert_eq!(answer.headers()[header::CONNECTION], "close");
        }
    }
}
