//! The ready-made routes that every front end needs.

use axum::Router;
use axum::routing::post;
use http::header::CONTENT_TYPE;

use crate::error::SessionError;
use crate::sessions::Sessions;

/// A body of JSON that is known already.
type Known = ([(http::HeaderName, &'static str); 1], &'static str);

impl Sessions {
    /// The ready-made routes: `POST {base}/session/refresh` and `POST {base}/signout`. They need [`layer`](Self::layer) around
    /// them; [`mount`](Self::mount) does both. Each is there a second time with a tenant before it, as in
    /// `{base}/acme/signout`, for front ends that put one there; the token says which tenant it is. A refresh cookie's path
    /// is the first form's, so the second refreshes by header only.
    ///
    /// A handler of your own may stand in their place:
    ///
    /// ```
    /// use axum::{Router, routing::post};
    /// use session_runtime::{SessionError, Sessions};
    ///
    /// async fn refresh(sessions: Sessions) -> Result<&'static str, SessionError> {
    ///     let refreshed = sessions.refresh_request().await?;      // its tokens are attached to the response
    ///     println!("{} is still here", refreshed.user_id());
    ///     Ok("{}")
    /// }
    ///
    /// async fn sign_out(sessions: Sessions) -> Result<&'static str, SessionError> {
    ///     sessions.sign_out_request().await?;
    ///     Ok("bye")
    /// }
    ///
    /// fn app(sessions: &Sessions) -> Router {
    ///     let policy = sessions.policy();
    ///     let own = Router::new().route(&policy.refresh_path(), post(refresh)).route(&policy.sign_out_path(), post(sign_out));
    ///     own.layer(sessions.layer())
    /// }
    /// ```
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let base = &self.policy().base_path;
        Router::new()
            .route(&self.policy().refresh_path(), post(refresh))
            .route(&format!("{base}/{{tenant}}/session/refresh"), post(refresh))
            .route(&self.policy().sign_out_path(), post(sign_out))
            .route(&format!("{base}/{{tenant}}/signout"), post(sign_out))
    }

    /// Adds the ready-made routes to an application and puts the layer around all of it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use axum::Router;
    /// use axum::routing::get;
    /// use session_runtime::{Keys, Policy, Session, Sessions};
    ///
    /// async fn me(session: Session) -> String {
    ///     session.user_id().to_string()
    /// }
    ///
    /// let policy = Policy::for_api("https://api.shop.example").build()?;
    /// let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let app: Router = sessions.mount(Router::new().route("/me", get(me)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn mount<S: Clone + Send + Sync + 'static>(&self, app: Router<S>) -> Router<S> {
        app.merge(self.routes()).layer(self.layer())
    }
}

async fn refresh(sessions: Sessions) -> Result<Known, SessionError> {
    // The tokens are attached to the response already.
    let _refreshed = sessions.refresh_request().await?;
    Ok(json("{}"))
}

async fn sign_out(sessions: Sessions) -> Result<Known, SessionError> {
    sessions.sign_out_request().await?;
    Ok(json(r#"{"status":"OK"}"#))
}

const fn json(body: &'static str) -> Known {
    ([(CONTENT_TYPE, "application/json")], body)
}
