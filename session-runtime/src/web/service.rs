//! One exchange a request: bound to the request on its way in, written into the response on its way out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::transport;
use crate::sessions::{Exchange, Sessions};

/// What [`SessionLayer`](super::SessionLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    sessions: Sessions,
}

impl<S> SessionService<S> {
    pub(super) const fn new(inner: S, sessions: Sessions) -> Self {
        Self { inner, sessions }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for SessionService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> ResponseFuture<S::Future> {
        let sessions = self.sessions.bound_to(Arc::new(Exchange::default()));
        request.extensions_mut().insert(sessions.clone());
        ResponseFuture { response: self.inner.call(request), sessions }
    }
}

pin_project! {
    /// The response of a [`SessionService`], with its tokens.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        response: F,
        sessions: Sessions,
    }
}

impl<F, Body, Error> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<Body>, Error>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(context))?;
        transport::write(this.sessions, response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
