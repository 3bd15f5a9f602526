//! What a handle holds: the sessions themselves, or the request that holds them.

use std::ops::Deref;
use std::sync::Arc;

use super::Core;
use super::exchange::Exchange;

/// Whoever is bound to a request holds that alone. Its holders are counted where no other request counts, while the sessions' own count is
/// one for all, which every processor that touches it takes from the others.
#[derive(Clone)]
pub(super) enum Home {
    Own(Arc<Core>),
    Request(Arc<Exchange>),
}

impl Home {
    pub(super) const fn exchange(&self) -> Option<&Arc<Exchange>> {
        match self {
            Self::Own(_) => None,
            Self::Request(exchange) => Some(exchange),
        }
    }

    /// The same sessions, without a request.
    pub(super) fn unbound(&self) -> Self {
        match self {
            Self::Own(core) => Self::Own(Arc::clone(core)),
            Self::Request(exchange) => exchange.sessions().core.unbound(),
        }
    }
}

impl Deref for Home {
    type Target = Core;

    fn deref(&self) -> &Core {
        match self {
            Self::Own(core) => core,
            Self::Request(exchange) => &exchange.sessions().core,
        }
    }
}
