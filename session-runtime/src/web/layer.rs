//! The layer that goes around an application's routes.

use tower_layer::Layer;

use super::service::SessionService;
use crate::sessions::Sessions;

/// Makes the extractors work, and attaches tokens to responses. From [`Sessions::layer`].
///
/// Put it around every route that has to do with sessions, with [`Router::layer`](axum::Router::layer). A route that uses no
/// extractor of this library pays for one small allocation.
#[derive(Clone, Debug)]
pub struct SessionLayer {
    sessions: Sessions,
}

impl Sessions {
    /// The layer to put around the application's routes.
    #[must_use]
    pub fn layer(&self) -> SessionLayer {
        SessionLayer { sessions: self.detached() }
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService::new(inner, self.sessions.clone())
    }
}
