//! Sign in, verify, refresh, revoke: a service with typed sessions on SQLite.
//!
//! ```sh
//! cargo run -p quickstart
//! curl -c jar -H 'st-auth-mode: cookie' -H 'content-type: application/json' -d '{"userId":"ada"}' http://127.0.0.1:3000/login
//! curl -b jar http://127.0.0.1:3000/me
//! ```
//!
//! It reads `BIND` (default `127.0.0.1:3000`), `DATABASE_URL` (default: the file `quickstart.db`, which it creates),
//! `SESSION_SECRET` (default: keys in the database, encrypted under a key in a file beside it), `ACCESS_TOKEN_SECONDS` (default 3600),
//! `REFRESH_GRACE_SECONDS` (default 30), `ANTI_CSRF` (`auto`, `token`, `header` or `none`), `WEBSITE` (origins of front ends, with commas
//! between them; default: none but its own) and `RUST_LOG`.
#![allow(clippy::print_stdout, reason = "it tells where it listens")]

mod cors;
mod routes;
mod settings;

use std::error::Error;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use session_runtime::Sessions;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::settings::Settings;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sea_orm_migration=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let listener =
        TcpListener::bind(&settings.bind).await.map_err(|error| format!("BIND {}: {error}", settings.bind))?;
    let address = listener.local_addr()?;
    let policy = settings.policy(address)?;
    let cors = cors::layer(&policy);
    let sessions = Sessions::builder(policy, settings.keys()?).connect(&settings.database_url).await?;

    println!("listening on http://{address}");
    println!("try:");
    println!(
        "  curl -c jar -H 'st-auth-mode: cookie' -H 'content-type: application/json' -d '{{\"userId\":\"ada\"}}' http://{address}/login"
    );
    println!("  curl -b jar http://{address}/me");

    let app = sessions.mount(routes::router()).layer(cors);
    let (stop, mut stopping) = tokio::sync::watch::channel(());
    // For the address that a session is used from.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let server =
        axum::serve(listener, app).with_graceful_shutdown(async move { stopping.changed().await.unwrap_or_default() });
    tokio::select! {
        served = server => served?,
        () = drained(stop) => eprintln!("some requests did not end in time"),
    }
    sessions.close().await?;
    println!("stopped");
    Ok(())
}

/// Ends when requests that were on their way have had time enough, after the program was told to stop: five seconds, or until
/// it is told again.
async fn drained(stop: tokio::sync::watch::Sender<()>) {
    stopped().await;
    stop.send_replace(());
    let _ = tokio::time::timeout(Duration::from_secs(5), stopped()).await;
}

/// Ends with Ctrl-C, or when the system asks the program to stop.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}

/// An error with all its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
