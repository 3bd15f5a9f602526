use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Serialize, Deserialize, SessionData)]
enum Progress {
    Started { step: u8 },
    Done { at: u8 },
}

impl Default for Progress {
    fn default() -> Self {
        Self::Started { step: 0 }
    }
}

fn main() {}
