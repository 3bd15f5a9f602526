//! Several nodes on one database, with one clock that is turned by hand.

use std::time::Duration;

use session_runtime::testing::ManualClock;
use session_runtime::{
    Keys, NoData, NoPayload, Policy, RefreshedSession, SessionErrorKind, SessionHandle, SessionTokens, Sessions,
};
use session_tests::engine::{Database, Engine};

pub(super) const GRACE: Duration = Duration::from_secs(120);
pub(super) const ACCESS: Duration = Duration::from_secs(60 * 60);
pub(super) const IDLE: Duration = Duration::from_secs(4 * 60 * 60);
pub(super) const ABSOLUTE: Duration = Duration::from_secs(10 * 60 * 60);

pub(super) struct Cluster {
    pub(super) clock: ManualClock,
    database: Database,
}

impl Cluster {
    pub(super) async fn new() -> Self {
        Self { clock: ManualClock::default(), database: Database::fresh(Engine::of_this_test()).await }
    }

    pub(super) fn url(&self) -> &str {
        &self.database.url
    }

    /// Starts a node. Its background work is too rare to happen within a test.
    pub(super) async fn node(&self) -> Sessions {
        let rare = Duration::from_secs(60);
        let policy = Policy::for_api("http://localhost:3000")
            .access_token_lifetime(ACCESS)
            .idle_timeout(IDLE)
            .absolute_timeout(ABSOLUTE)
            .refresh_grace(GRACE)
            .notes_interval(rare)
            .feed_interval(rare)
            .build()
            .expect("the policy holds together");
        let keys = Keys::from_secrets(["one secret for all nodes of the cluster"]).expect("it is long enough");
        Sessions::builder(policy, keys)
            .table_prefix(session_tests::app::prefix())
            .clock(self.clock.clone())
            .connect(self.url())
            .await
            .expect("the node starts")
    }
}

pub(super) async fn sign_in(node: &Sessions) -> (SessionHandle, SessionTokens) {
    let session =
        node.create_new_session::<NoPayload, NoData>("user-17", NoPayload {}, NoData {}).await.expect("signed in");
    (*session.handle(), session.tokens().expect("a new session has tokens").clone())
}

pub(super) fn refresh_token(tokens: &SessionTokens) -> String {
    tokens.refresh_token().expect("a refresh gives a refresh token").to_owned()
}

pub(super) fn is_verified(node: &Sessions, tokens: &SessionTokens) -> bool {
    node.verify::<NoPayload, NoData>(tokens.access_token()).is_ok()
}

pub(super) async fn refresh(node: &Sessions, token: &str) -> Result<RefreshedSession, SessionErrorKind> {
    node.refresh_session(token).await.map_err(|error| error.kind())
}

/// The row's generation, where the session goes on.
pub(super) async fn generation(node: &Sessions, handle: &SessionHandle) -> Option<u32> {
    let information = node.session_information(handle).await.expect("the database answers");
    information.map(|information| information.generation().number())
}
