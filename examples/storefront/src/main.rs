//! A small tea shop to open in a browser. It shows what a session is made of while you use it.
//!
//! ```sh
//! cargo run -p storefront
//! ```
//!
//! Then open <http://127.0.0.1:3100>. A second browser, or a private window, is a second device.
//!
//! It reads `BIND` (default `127.0.0.1:3100`), `DATABASE_URL` (default: the file `storefront.db`, which it creates), `SESSION_SECRET`
//! (default: keys in the database) and `ACCESS_TOKEN_SECONDS` (default 30, so that there is something to see).
//!
//! `session.rs` is what a session carries, `routes.rs` and `staff.rs` use it, `page/client.js` is the browser's side of it.
#![allow(clippy::print_stdout, reason = "it tells where it listens")]

mod device;
mod page;
mod refusal;
mod routes;
mod session;
mod shop;
mod staff;

use std::env;
use std::error::Error;
use std::time::Duration;

use session_runtime::{Keys, Policy, Sessions};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_env_filter("info,sea_orm_migration=warn").with_writer(std::io::stderr).init();
    let listener = TcpListener::bind(setting("BIND", "127.0.0.1:3100")).await?;
    let address = listener.local_addr()?;
    let policy = Policy::for_api(format!("http://{address}"))
        .access_token_lifetime(Duration::from_secs(setting("ACCESS_TOKEN_SECONDS", "30").parse()?))
        .build()?;
    let keys = match env::var("SESSION_SECRET") {
        Ok(secret) => Keys::from_secrets([secret])?,
        Err(_) => Keys::managed(),
    };
    let sessions = Sessions::builder(policy, keys).connect(&setting("DATABASE_URL", "sqlite://storefront.db")).await?;

    println!("listening on http://{address}");
    let app = sessions.mount(routes::router().merge(staff::router()).merge(page::router()));
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    sessions.close().await?;
    Ok(())
}

fn setting(name: &str, default: &str) -> String {
    env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}

/// Ends with Ctrl-C.
async fn stopped() {
    let _ = tokio::signal::ctrl_c().await;
}
