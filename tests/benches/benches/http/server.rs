//! The servers. Each says on its standard output what to ask it for, with which headers, and at last where it listens.

use std::net::Ipv4Addr;

use axum::Router;
use session_benches::door;

use crate::peers;

/// How many clients there are, each with a session of its own.
pub(crate) const CLIENTS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bare,
    BareHeader,
    Idle,
    Open,
    Cookie,
    Header,
    UnknownCookie,
    UnknownHeader,
    JsonWebToken,
    TowerSessions,
    TowerSessionsSqlite,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Bare,
        Self::BareHeader,
        Self::Idle,
        Self::Open,
        Self::Cookie,
        Self::Header,
        Self::UnknownCookie,
        Self::UnknownHeader,
        Self::JsonWebToken,
        Self::TowerSessions,
        Self::TowerSessionsSqlite,
    ];

    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }

    async fn service(self) -> Service {
        match self {
            Self::Bare => ours("/open", Remembers::Yes, by_cookie, |_| door::bare()).await,
            Self::BareHeader => ours("/open", Remembers::Yes, by_header, |_| door::bare()).await,
            Self::Idle => ours("/open", Remembers::Yes, by_cookie, |_| door::idle()).await,
            Self::Open => ours("/open", Remembers::Yes, by_cookie, door::protected).await,
            Self::Cookie => ours("/me", Remembers::Yes, by_cookie, door::protected).await,
            Self::Header => ours("/me", Remembers::Yes, by_header, door::protected).await,
            Self::UnknownCookie => ours("/me", Remembers::No, by_cookie, door::protected).await,
            Self::UnknownHeader => ours("/me", Remembers::No, by_header, door::protected).await,
            Self::JsonWebToken => peers::json_web_token(),
            Self::TowerSessions => peers::in_memory().await,
            Self::TowerSessionsSqlite => peers::on_sqlite().await,
        }
    }
}

/// An application, and what its clients send.
pub(crate) struct Service {
    pub(crate) app: Router,
    pub(crate) path: &'static str,
    /// One for each client.
    pub(crate) headers: Vec<String>,
}

/// Whether verified tokens are remembered.
#[derive(Clone, Copy)]
enum Remembers {
    Yes,
    No,
}

async fn ours(
    path: &'static str,
    remembers: Remembers,
    header: impl Fn(&str) -> String,
    app: impl Fn(&session_runtime::Sessions) -> Router,
) -> Service {
    let sessions = door::sessions_in_time(match remembers {
        Remembers::Yes => 4096,
        Remembers::No => 0,
    })
    .await;
    let mut headers = Vec::new();
    for client in 0..CLIENTS {
        headers.push(header(&door::token(&sessions, &format!("user-{client:010}")).await));
    }
    Service { app: app(&sessions), path, headers }
}

fn by_cookie(token: &str) -> String {
    format!("cookie: theme=dark; sAccessToken={token}")
}

pub(crate) fn by_header(token: &str) -> String {
    format!("authorization: Bearer {token}")
}

/// Serves until the process is ended.
pub(crate) async fn serve(name: &str) {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).expect("one of those there are");
    let Service { app, path, headers } = kind.service().await;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    println!("path {path}");
    headers.iter().for_each(|header| println!("header {header}"));
    println!("port {}", listener.local_addr().expect("an address").port());
    axum::serve(listener, app).await.expect("it serves");
}
