use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Serialize, Deserialize)]
struct Wire {
    clicks: u64,
}

#[derive(Clone, Default, Serialize, Deserialize, SessionData)]
#[serde(into = "Wire", from = "Wire")]
struct Visit {
    #[session_data(merge = add)]
    clicks: u64,
}

impl From<Wire> for Visit {
    fn from(wire: Wire) -> Self {
        Self { clicks: wire.clicks }
    }
}

impl From<Visit> for Wire {
    fn from(visit: Visit) -> Self {
        Self { clicks: visit.clicks }
    }
}

fn main() {}
