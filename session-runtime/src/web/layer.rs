//! The layer that goes around an application's routes.

use std::fmt;
use std::sync::Arc;

use axum::response::Response;
use tower_layer::Layer;

use super::service::SessionService;
use crate::error::SessionError;
use crate::sessions::Sessions;

/// Makes the extractors work, and attaches tokens to responses. From [`Sessions::layer`].
///
/// Put it around every route that has to do with sessions, with [`Router::layer`](axum::Router::layer). A route that uses no
/// extractor of this library pays for two small allocations, and what axum pays to keep one more thing with the request.
#[derive(Clone, Debug)]
pub struct SessionLayer {
    sessions: Arc<Sessions>,
    handlers: Handlers,
}

/// The application's own answer to refusals, if it has one.
#[derive(Clone, Default)]
pub(super) struct Handlers(Option<Arc<OnRefusal>>);

type OnRefusal = dyn Fn(&SessionError, Response) -> Response + Send + Sync;

impl Sessions {
    /// The layer to put around the application's routes.
    #[must_use]
    pub fn layer(&self) -> SessionLayer {
        SessionLayer { sessions: Arc::new(self.detached()), handlers: Handlers::default() }
    }
}

impl SessionLayer {
    /// Answers refusals with responses of the application's own. `answer` is given the refusal, whose
    /// [`kind`](SessionError::kind) tells unauthorised, try refresh, theft and invalid claims from the rest, and the response as
    /// the library would send it; what it answers goes out instead. Tokens are attached, or cleared, after that.
    ///
    /// The published front-end package goes by the status alone: keep it, and change the body as you like. Default: the
    /// library's response. A refusal that a handler turned into another response by itself does not come here.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::response::{IntoResponse, Response};
    /// use session_runtime::{SessionError, SessionErrorKind, Sessions};
    ///
    /// fn answer(refusal: &SessionError, response: Response) -> Response {
    ///     match (refusal.kind(), refusal.stolen()) {
    ///         (SessionErrorKind::Unauthorised, _) => (response.status(), "please sign in").into_response(),
    ///         (_, Some((session, user))) => {
    ///             println!("warn {user}: session {session} was stolen");
    ///             response
    ///         }
    ///         _ => response,
    ///     }
    /// }
    ///
    /// fn app(sessions: &Sessions, routes: Router) -> Router {
    ///     routes.merge(sessions.routes()).layer(sessions.layer().on_refusal(answer))
    /// }
    /// ```
    #[must_use]
    pub fn on_refusal(self, answer: impl Fn(&SessionError, Response) -> Response + Send + Sync + 'static) -> Self {
        Self { handlers: Handlers(Some(Arc::new(answer))), ..self }
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService::new(inner, Arc::clone(&self.sessions), self.handlers.clone())
    }
}

impl Handlers {
    pub(super) fn answer(&self, refusal: &SessionError, response: Response) -> Response {
        match &self.0 {
            Some(answer) => answer(refusal, response),
            None => response,
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handlers").field(&self.0.is_some()).finish()
    }
}
