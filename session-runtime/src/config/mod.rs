//! What is decided before the first request: the policy and where the keys come from. All of it is checked when built.

mod builder;
mod cap;
mod check;
mod cookies;
mod keys;
mod origin;
mod policy;
mod proxies;

pub use self::builder::PolicyBuilder;
pub(crate) use self::cap::Cap;
pub use self::cap::WhenFull;
pub(crate) use self::check::timeouts as check_timeouts;
pub use self::cookies::CookieLifetime;
pub(crate) use self::cookies::CookieScope;
pub use self::keys::{KeyError, Keys, WrappingKey};
pub(crate) use self::keys::{KeySource, ring};
pub(crate) use self::origin::Origin;
pub use self::policy::{
    AntiCsrf, FeedDelivery, Policy, PolicyError, Recovery, SameSite, SourceFailure, StaleFeed, TransferMethod,
};
pub use self::proxies::{ForwardingHeader, TrustedProxies};
pub(crate) use self::proxies::{Network, Proxies, Trust};
