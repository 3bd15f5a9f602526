//! Guards at the door: as extractor types, which a handler demands in its signature, and as layers around routes.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::extract::verified;
use crate::claims::{Guard, recently_authenticated};
use crate::error::SessionError;
use crate::payload::{AccessTokenPayload, NoData, NoPayload, SessionData};
use crate::sessions::{Session, Sessions};

/// A session that has passed the guard `G`: a handler that takes one cannot be reached without. Reads like the
/// [`Session`] inside. Cost: no statement.
///
/// ```
/// use std::borrow::Cow;
/// use axum::Router;
/// use axum::routing::get;
/// use serde::{Deserialize, Serialize};
/// use session_runtime::claims::{ClaimFailures, Guard, Subject};
/// use session_runtime::{AccessTokenPayload, Guarded, NoData};
///
/// #[derive(Serialize, Deserialize, AccessTokenPayload)]
/// struct Shopper {
///     staff: bool,
/// }
///
/// #[derive(Default)]
/// struct StaffOnly;
///
/// impl Guard<Shopper> for StaffOnly {
///     fn id(&self) -> Cow<'static, str> {
///         "staff".into()
///     }
///
///     fn check(&self, subject: &Subject<'_, Shopper>) -> Result<(), ClaimFailures> {
///         Shopper::STAFF.is(true).check(subject)
///     }
/// }
///
/// async fn stock(session: Guarded<StaffOnly, Shopper, NoData>) -> String {
///     format!("hello {}", session.user_id())
/// }
///
/// let app: Router = Router::new().route("/stock", get(stock));
/// ```
#[derive(Debug)]
pub struct Guarded<G: Guard<P> + Default, P: AccessTokenPayload = NoPayload, D: SessionData = NoData> {
    session: Session<P, D>,
    guard: PhantomData<fn() -> G>,
}

impl<G: Guard<P> + Default, P: AccessTokenPayload, D: SessionData> Guarded<G, P, D> {
    /// The session, without the proof that it passed.
    pub fn into_session(self) -> Session<P, D> {
        self.session
    }
}

impl<G: Guard<P> + Default, P: AccessTokenPayload, D: SessionData> Deref for Guarded<G, P, D> {
    type Target = Session<P, D>;

    fn deref(&self) -> &Session<P, D> {
        &self.session
    }
}

impl<S, G, P, D> FromRequestParts<S> for Guarded<G, P, D>
where
    S: Sync,
    G: Guard<P> + Default,
    P: AccessTokenPayload,
    D: SessionData,
{
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionError> {
        let session = Session::from_request_parts(parts, state).await?;
        session.require(&G::default())?;
        Ok(Self { session, guard: PhantomData })
    }
}

/// A session whose user proved who they are within the last `SECONDS` seconds, by signing in or by
/// [`Session::reauthenticated`]: for what wants a step up (ASVS 7.5.1). Reads like the [`Session`] inside. Cost: no statement.
#[derive(Debug)]
pub struct Recent<const SECONDS: u64, P: AccessTokenPayload = NoPayload, D: SessionData = NoData>(Session<P, D>);

impl<const SECONDS: u64, P: AccessTokenPayload, D: SessionData> Recent<SECONDS, P, D> {
    /// The session, without the proof that it is recent.
    pub fn into_session(self) -> Session<P, D> {
        self.0
    }
}

impl<const SECONDS: u64, P: AccessTokenPayload, D: SessionData> Deref for Recent<SECONDS, P, D> {
    type Target = Session<P, D>;

    fn deref(&self) -> &Session<P, D> {
        &self.0
    }
}

impl<S, const SECONDS: u64, P, D> FromRequestParts<S> for Recent<SECONDS, P, D>
where
    S: Sync,
    P: AccessTokenPayload,
    D: SessionData,
{
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionError> {
        let session = Session::from_request_parts(parts, state).await?;
        session.require(&recently_authenticated(Duration::from_secs(SECONDS)))?;
        Ok(Self(session))
    }
}

/// A session that the database has confirmed during this request: for what must not happen in a session that was revoked
/// elsewhere a moment ago. Reads like the [`Session`] inside. Cost: one read by primary key, which spares the next read or
/// update of the data one.
#[derive(Debug)]
pub struct Authoritative<P: AccessTokenPayload = NoPayload, D: SessionData = NoData>(Session<P, D>);

impl<P: AccessTokenPayload, D: SessionData> Authoritative<P, D> {
    /// The session, without the proof that it was confirmed.
    pub fn into_session(self) -> Session<P, D> {
        self.0
    }
}

impl<P: AccessTokenPayload, D: SessionData> Deref for Authoritative<P, D> {
    type Target = Session<P, D>;

    fn deref(&self) -> &Session<P, D> {
        &self.0
    }
}

impl<S: Sync, P: AccessTokenPayload, D: SessionData> FromRequestParts<S> for Authoritative<P, D> {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionError> {
        let session: Session<P, D> = Session::from_request_parts(parts, state).await?;
        session.check_database().await?;
        Ok(Self(session))
    }
}

/// A guard around routes, with [`Router::layer`](axum::Router::layer) or [`route_layer`](axum::Router::route_layer), inside of
/// the [`SessionLayer`](super::SessionLayer).
///
/// Made by [`require`](Self::require), it lets through only requests with a session that passes, whatever the handler
/// takes. Made by [`by_default`](Self::by_default), it is asked of every [`Session<P, _>`](Session) that a handler further in takes,
/// unless a route says [`instead`](Self::instead).
pub struct GuardLayer<P> {
    guard: Arc<dyn Guard<P>>,
    role: Role,
}

#[derive(Clone, Copy, Debug)]
enum Role {
    Require,
    Default,
}

impl<P: AccessTokenPayload> GuardLayer<P> {
    /// Refuses every request without a session with payload `P` that passes `guard`; also where the handler takes no session.
    pub fn require(guard: impl Guard<P> + 'static) -> Self {
        Self { guard: Arc::new(guard), role: Role::Require }
    }

    /// Asks `guard` of every session with payload `P` that a handler takes. A route without one stays open.
    pub fn by_default(guard: impl Guard<P> + 'static) -> Self {
        Self { guard: Arc::new(guard), role: Role::Default }
    }

    /// Asks `guard` instead of what an outer layer asks by default.
    pub fn instead(guard: impl Guard<P> + 'static) -> Self {
        Self::by_default(guard)
    }
}

impl<P> Clone for GuardLayer<P> {
    fn clone(&self) -> Self {
        Self { guard: Arc::clone(&self.guard), role: self.role }
    }
}

impl<P> fmt::Debug for GuardLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer").field("guard", &self.guard.id()).field("role", &self.role).finish()
    }
}

impl<S, P> Layer<S> for GuardLayer<P> {
    type Service = GuardService<S, P>;

    fn layer(&self, inner: S) -> GuardService<S, P> {
        GuardService { inner, layer: self.clone() }
    }
}

/// What the default guard of a payload is, for those further in.
pub(super) struct DefaultGuard<P>(Arc<dyn Guard<P>>);

impl<P> Clone for DefaultGuard<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: AccessTokenPayload> DefaultGuard<P> {
    pub(super) fn check<D: SessionData>(&self, session: &Session<P, D>) -> Result<(), SessionError> {
        session.require(&self.0)
    }
}

/// What [`GuardLayer`] makes of a service.
pub struct GuardService<S, P> {
    inner: S,
    layer: GuardLayer<P>,
}

impl<S: Clone, P> Clone for GuardService<S, P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S, P> fmt::Debug for GuardService<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").field("layer", &self.layer).finish_non_exhaustive()
    }
}

impl<S, P> Service<Request> for GuardService<S, P>
where
    S: Service<Request, Response = Response, Future: Send> + Clone + Send + 'static,
    P: AccessTokenPayload,
{
    type Response = Response;
    type Error = S::Error;
    type Future = GuardFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> GuardFuture<S::Future> {
        let (mut parts, body) = request.into_parts();
        let state = match self.layer.meet(&mut parts) {
            Ok(None) => State::Passed { response: self.inner.call(Request::from_parts(parts, body)) },
            Ok(Some(sessions)) => State::Asking { response: self.ask(sessions, parts, body) },
            Err(error) => State::Refused { response: Some(error.into_response()) },
        };
        GuardFuture { state }
    }
}

type Asking<F> = Pin<Box<dyn Future<Output = F> + Send>>;

impl<S, P> GuardService<S, P>
where
    S: Service<Request, Response = Response, Future: Send> + Clone + Send + 'static,
    P: AccessTokenPayload,
{
    fn ask(&mut self, sessions: Sessions, mut parts: Parts, body: Body) -> Asking<Result<Response, S::Error>> {
        // The one that is ready is the one to call.
        let (layer, other) = (self.layer.clone(), self.inner.clone());
        let mut inner = std::mem::replace(&mut self.inner, other);
        Box::pin(async move {
            match sessions.confirm_request().await.and_then(|()| layer.admit(&mut parts)) {
                Ok(()) => inner.call(Request::from_parts(parts, body)).await,
                Err(error) => Ok(error.into_response()),
            }
        })
    }
}

impl<P: AccessTokenPayload> GuardLayer<P> {
    /// Lets a request pass, or answers its sessions, where the database has to be asked before it can be said who comes.
    fn meet(&self, parts: &mut Parts) -> Result<Option<Sessions>, SessionError> {
        if matches!(self.role, Role::Require) {
            let sessions = verified(parts)?;
            if sessions.must_confirm() {
                return Ok(Some(sessions));
            }
        }
        self.admit(parts).map(|()| None)
    }

    fn admit(&self, parts: &mut Parts) -> Result<(), SessionError> {
        match self.role {
            Role::Require => verified(parts)?.verify_request::<P, NoData>()?.require(&self.guard),
            Role::Default => {
                parts.extensions.insert(DefaultGuard(Arc::clone(&self.guard)));
                Ok(())
            }
        }
    }
}

pin_project! {
    /// The response of a [`GuardService`].
    pub struct GuardFuture<F>
    where
        F: Future,
    {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F>
    where
        F: Future,
    {
        // The request was let through.
        Passed { #[pin] response: F },
        // It was not.
        Refused { response: Option<Response> },
        // The database is asked first.
        Asking { response: Asking<F::Output> },
    }
}

impl<F, Error> Future for GuardFuture<F>
where
    F: Future<Output = Result<Response, Error>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().state.project() {
            StateProjection::Passed { response } => response.poll(context),
            // Polled after it was ready, futures may answer as they like.
            StateProjection::Refused { response } => response.take().map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
            StateProjection::Asking { response } => response.as_mut().poll(context),
        }
    }
}

impl<F: Future> fmt::Debug for GuardFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
