//! The desk: creates, verifies, refreshes, updates and ends sessions. It calls the vault and the archive, which do not know each
//! other, and knows neither SQL nor HTTP: [`Presented`] comes in, [`TokenChange`] goes out.

mod audit;
mod builder;
mod by_handle;
mod cap;
mod create;
mod device;
mod edit;
mod erase;
mod event;
mod exchange;
mod feed;
mod handles;
mod home;
mod information;
mod keeper;
mod keys;
mod known;
mod list;
mod log;
#[cfg(test)]
mod memory;
mod mint;
mod notes;
mod presented;
mod purge;
mod refresh;
mod revoke;
mod ring;
mod session;
mod skew;
mod source;
mod status;
mod tenant;
mod terms;
mod text;
mod transition;
mod update;
mod verify;
mod window;

pub mod rotation;

use std::fmt;
use std::sync::Arc;

pub use self::audit::{AuditEvent, AuditQuery, AuditRecord};
pub use self::builder::{Migrations, SessionsBuilder};
pub use self::edit::DataEdit;
pub use self::event::{EventSink, SessionEvent, SessionEventKind};
pub(crate) use self::exchange::{Clearing, Exchange, TokenChange, Transport};
use self::home::Home;
pub use self::information::SessionInformation;
pub use self::keys::{KeyInformation, KeyState};
pub use self::list::SessionPage;
pub use self::mint::SessionTokens;
pub(crate) use self::presented::{Clutter, CookieValues, ForgeryProof, Presented, SiteProof};
pub use self::refresh::RefreshedSession;
pub use self::session::Session;
pub use self::source::{PayloadRequest, PayloadVerdict};
pub use self::status::FeedStatus;
use self::terms::OwnTerms;
pub(crate) use self::verify::verify_presented;
use crate::clock::{Clock, Timestamp};
use crate::config::{Keys, Policy};
use crate::device::Device;
use crate::error::SessionError;
use crate::id::TenantId;
use crate::reason::RevocationReason;
use crate::store::Store;

/// An application's sessions: the handle that everything is done with. Cheap to clone.
///
/// Built once, when the application starts, from a [`Policy`], [`Keys`] and a database. In an axum handler it is an extractor, and
/// is then bound to the request: what it creates or changes goes out with the response. Outside a request (jobs, admin tools,
/// WebSockets) the same methods leave the tokens in the caller's hands.
///
/// Every operation is scoped to one tenant, `public` unless [`in_tenant`](Self::in_tenant) says otherwise: sessions of other
/// tenants do not exist for it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{Keys, NoData, NoPayload, Policy, Sessions};
///
/// let policy = Policy::for_api("https://api.shop.example").build()?;
/// let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
///
/// let session = sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?;
/// let token = session.tokens().expect("a new session has tokens").access_token();
/// assert_eq!(sessions.verify::<NoPayload, NoData>(token)?.user_id().as_str(), "user-17");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sessions {
    core: Home,
    tenant: TenantId,
    terms: OwnTerms,
    /// What the application says of the device, in the request's place; mostly nothing.
    device: Option<Arc<Device>>,
    /// Why sessions are revoked from here, where it is not what the operation says.
    reason: Option<RevocationReason>,
}

/// What all clones share.
pub(crate) struct Core {
    pub(crate) policy: Policy,
    ring: ring::Ring,
    known: known::KnownTokens,
    store: Store,
    clock: Clock,
    notes: notes::Notes,
    feed: feed::Feed,
    sources: source::Sources,
    managed_keys: Option<keys::ManagedKeys>,
    keeper: keeper::Keeper,
    purger: purge::Purger,
    sink: event::Sink,
}

impl Sessions {
    /// Starts building: say next which database, with [`connect`](SessionsBuilder::connect) or
    /// [`with_connection`](SessionsBuilder::with_connection).
    pub fn builder(policy: Policy, keys: Keys) -> SessionsBuilder {
        SessionsBuilder::new(policy, keys)
    }

    /// The same sessions, seen from another tenant.
    #[must_use]
    pub fn in_tenant(&self, tenant: TenantId) -> Self {
        Self { tenant, ..self.clone() }
    }

    /// The tenant that operations are scoped to.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The policy that they were built with.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.core.policy
    }

    /// The same sessions, not bound to any request: tokens stay in the caller's hands. For jobs that a handler starts, and for
    /// creating a session on behalf of somebody else than the caller.
    #[must_use]
    pub fn detached(&self) -> Self {
        self.seen_from(self.tenant.clone(), self.core.unbound())
    }

    /// Writes what is still in memory (who was seen when) and stops the background work. Call it before the program ends; without
    /// it, a few seconds of last-seen times are lost, never a session. Cost: one statement for every 500 sessions seen.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn close(&self) -> Result<(), SessionError> {
        self.core.keeper.stop();
        self.write_notes().await
    }

    pub(crate) async fn write_notes(&self) -> Result<(), SessionError> {
        Ok(self.core.flush_notes().await?)
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn read_feed(&self) -> Result<(), SessionError> {
        Ok(self.core.read_feed().await?)
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn keep_keys_now(&self) -> Result<(), SessionError> {
        Ok(self.core.keep_keys().await?)
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn purge_now(&self) -> Result<(), SessionError> {
        Ok(self.core.purge().await?)
    }

    pub(crate) fn bound_to(&self, exchange: Arc<Exchange>) -> Self {
        self.seen_from(self.tenant.clone(), Home::Request(exchange))
    }

    fn seen_from(&self, tenant: TenantId, core: Home) -> Self {
        let Self { terms, device, reason, .. } = self;
        Self { core, tenant, terms: terms.clone(), device: device.clone(), reason: reason.clone() }
    }

    /// What time it is by the sessions' clock, which tests turn by hand.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.core.now()
    }

    pub(crate) fn exchange(&self) -> Option<&Arc<Exchange>> {
        self.core.exchange()
    }
}

impl Core {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What each request asks: see [`TimeProvider::now_coarse`](crate::TimeProvider::now_coarse).
    fn now_coarse(&self) -> Timestamp {
        self.clock.now_coarse()
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
