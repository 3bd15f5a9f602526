//! A session that is created outside a request, and whose tokens reach nobody.
#![deny(unused_must_use)]

use session_runtime::{NoData, NoPayload, SessionError, Sessions};

async fn job(sessions: Sessions) -> Result<(), SessionError> {
    sessions.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await?;
    Ok(())
}

fn main() {
    let _ = job;
}
