//! One exchange a request: bound to the request on its way in, written into the response on its way out.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::layer::Handlers;
use super::{rejection, transport};
use crate::sessions::{Exchange, Sessions};

/// What [`SessionLayer`](super::SessionLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    /// Shared, since services are cloned for every request.
    sessions: Arc<Sessions>,
    handlers: Handlers,
}

impl<S> SessionService<S> {
    pub(super) const fn new(inner: S, sessions: Arc<Sessions>, handlers: Handlers) -> Self {
        Self { inner, sessions, handlers }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for SessionService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> ResponseFuture<S::Future> {
        let exchange = Arc::new(Exchange::new(Arc::clone(&self.sessions)));
        request.extensions_mut().insert(Arc::clone(&exchange));
        ResponseFuture { response: self.inner.call(request), exchange, handlers: self.handlers.clone() }
    }
}

pin_project! {
    /// The response of a [`SessionService`], with its tokens.
    pub struct ResponseFuture<F> {
        #[pin]
        response: F,
        exchange: Arc<Exchange>,
        handlers: Handlers,
    }
}

impl<F, ResponseBody, Error> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResponseBody>, Error>>,
    ResponseBody: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Output = Result<Response<Body>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.response.poll(context))?.map(Body::new);
        let mut response = rejection::settle(response, this.exchange.sessions().policy(), this.handlers);
        transport::write(this.exchange, response.headers_mut());
        Poll::Ready(Ok(response))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
