#![deny(unused_must_use)]

use session_runtime::{NoData, NoPayload, Session, SessionError};

async fn handler(session: Session<NoPayload, NoData>) -> Result<(), SessionError> {
    session.edit_data().await?;
    Ok(())
}

fn main() {}
