//! A client with a record of its own: what was acknowledged, what it holds, what it gave up.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::record::Report;

/// Two rotations of one client lie further apart than a request may hang: what is decided only after the next rotation is a replay, as
/// the rule of rotation says.
const BETWEEN_REFRESHES: Duration = Duration::from_secs(7);

/// Longer than any fault.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Shopper {
    number: usize,
    url: String,
    http: Client,
    rng: Rng,
    report: Arc<Report>,
    sessions: Vec<Held>,
}

/// What the client knows of one of its sessions.
struct Held {
    access: String,
    refresh: String,
    /// Refresh tokens that were replaced.
    old: Vec<String>,
    refreshed_at: Instant,
    acknowledged: HashSet<String>,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Ended,
    /// Somebody replayed an old token and was told so.
    Stolen,
}

/// What came of a request, as far as the client can tell.
enum Answer {
    Ok(Reply),
    Refused(StatusCode),
    /// 503, or no answer at all: it may have been done, or not.
    Unknown,
}

struct Reply {
    access: Option<String>,
    refresh: Option<String>,
    body: Value,
}

impl Shopper {
    pub(super) fn new(number: usize, url: &str, seed: u64, report: Arc<Report>) -> Self {
        let http = Client::builder().pool_max_idle_per_host(0).timeout(PATIENCE).build().expect("a client");
        let rng = Rng::with_seed(seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { number, url: url.to_owned(), http, rng, report, sessions: Vec::new() }
    }

    #[allow(clippy::disallowed_methods, reason = "what dies in real time is watched in real time")]
    pub(super) async fn live(mut self, until: Instant) -> Self {
        while Instant::now() < until {
            match self.sessions.last().map(|held| held.state) {
                Some(State::Open) => self.step().await,
                _ => self.sign_in().await,
            }
            sleep(Duration::from_millis(self.rng.u64(5..60))).await;
        }
        self
    }

    async fn sign_in(&mut self) {
        let request = self.http.post(format!("{}/login", self.url));
        let user = format!("user-{}", self.number);
        let Answer::Ok(reply) = self.send("sign in", request.json(&json!({ "userId": user }))).await else { return };
        let (Some(access), Some(refresh)) = (reply.access, reply.refresh) else {
            return self.report.broken(format!("{user} signed in and got no tokens"));
        };
        let refreshed_at = now();
        let (old, acknowledged) = (Vec::new(), HashSet::new());
        self.sessions.push(Held { access, refresh, old, refreshed_at, acknowledged, state: State::Open });
    }

    async fn step(&mut self) {
        let is_due = now().duration_since(self.held().refreshed_at) > BETWEEN_REFRESHES;
        match self.rng.u16(..1000) {
            _ if is_due && self.held().old.len() >= 2 && self.rng.bool() => self.steal().await,
            _ if is_due => self.refresh_from_two_tabs().await,
            0..5 => self.sign_out().await,
            5..500 => self.verify().await,
            _ => self.write().await,
        }
    }

    async fn verify(&mut self) {
        let request = self.authorised(self.http.get(format!("{}/me", self.url)));
        let answer = self.send("verify", request).await;
        self.must_not_be_refused("verify", &answer);
    }

    async fn write(&mut self) {
        let item = format!("{}-{:x}", self.number, self.rng.u64(..));
        let request = self.authorised(self.http.post(format!("{}/cart", self.url))).json(&json!({ "item": item }));
        let answer = self.send("write", request).await;
        self.must_not_be_refused("write", &answer);
        if matches!(answer, Answer::Ok(_)) {
            self.held().acknowledged.insert(item);
        }
    }

    async fn refresh_from_two_tabs(&mut self) {
        let token = self.held().refresh.clone();
        let (one, other) = tokio::join!(self.refresh(&token), self.refresh(&token));
        for answer in [&one, &other] {
            self.must_not_be_refused("refresh", answer);
        }
        self.held().refreshed_at = now();
        let fresh: Vec<_> = [one, other].into_iter().filter_map(Answer::tokens).collect();
        if let [(_, one), (_, other)] = fresh.as_slice()
            && one != other
        {
            self.report.broken(format!("user-{} has two generations of one session", self.number));
        }
        if let Some((access, refresh)) = fresh.into_iter().next() {
            let held = self.held();
            held.old.push(std::mem::replace(&mut held.refresh, refresh));
            held.access = access;
        }
    }

    /// Somebody comes with a token from before the last two rotations.
    async fn steal(&mut self) {
        let held = self.held();
        let old = held.old[held.old.len() - 2].clone();
        loop {
            match self.refresh(&old).await {
                Answer::Ok(_) => {
                    self.report.broken(format!("a thief got the session of user-{}", self.number));
                    break;
                }
                Answer::Refused(StatusCode::UNAUTHORIZED) => break self.report.count("thieves caught"),
                Answer::Refused(status) => break self.report.broken(format!("a thief was told {status}")),
                Answer::Unknown => sleep(Duration::from_millis(100)).await,
            }
        }
        self.held().state = State::Stolen;
    }

    async fn sign_out(&mut self) {
        loop {
            let request = self.authorised(self.http.post(format!("{}/logout", self.url)));
            match self.send("sign out", request).await {
                // Refused: an earlier try was carried out, and its answer lost.
                Answer::Ok(_) | Answer::Refused(StatusCode::UNAUTHORIZED) => break,
                Answer::Refused(status) => break self.report.broken(format!("signing out was answered with {status}")),
                Answer::Unknown => sleep(Duration::from_millis(100)).await,
            }
        }
        self.held().state = State::Ended;
    }

    /// When all is well again: what each session is, on every node, against the record.
    pub(super) async fn audit(mut self, nodes: Vec<String>) {
        for held in std::mem::take(&mut self.sessions) {
            for node in &nodes {
                match held.state {
                    State::Open => self.audit_open(&held, node).await,
                    State::Ended | State::Stolen => self.audit_ended(&held, node).await,
                }
            }
        }
    }

    async fn audit_open(&self, held: &Held, node: &str) {
        let request = self.http.get(format!("{node}/cart")).bearer_auth(&held.access);
        let Answer::Ok(reply) = self.send("audit", request).await else {
            return self.report.broken(format!("user-{} was signed out, or {node} does not heal", self.number));
        };
        let stored: Vec<String> = serde_json::from_value(reply.body["items"].clone()).unwrap_or_default();
        let distinct: HashSet<_> = stored.iter().cloned().collect();
        if distinct.len() < stored.len() {
            self.report.broken(format!("a write of user-{} is there twice", self.number));
        }
        for lost in held.acknowledged.difference(&distinct) {
            self.report.broken(format!("an acknowledged write of user-{} is lost: {lost}", self.number));
        }
        held.acknowledged.iter().for_each(|_| self.report.count("acknowledged writes found again"));
    }

    async fn audit_ended(&self, held: &Held, node: &str) {
        let tries = [("verify", self.http.get(format!("{node}/me")), &held.access)].into_iter().chain([(
            "refresh",
            self.http.post(format!("{node}/auth/session/refresh")),
            &held.refresh,
        )]);
        for (name, request, token) in tries {
            match self.send("audit", request.bearer_auth(token)).await {
                Answer::Refused(StatusCode::UNAUTHORIZED) => self.report.count("ended sessions refused"),
                Answer::Ok(_) => {
                    self.report.broken(format!("{name} takes a session of user-{} that has ended", self.number));
                }
                Answer::Refused(_) | Answer::Unknown => self.report.broken(format!("{name} on {node} does not heal")),
            }
        }
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.send("refresh", self.http.post(format!("{}/auth/session/refresh", self.url)).bearer_auth(token)).await
    }

    fn must_not_be_refused(&self, what: &str, answer: &Answer) {
        // A conflict says that nothing was written, and may be tried again.
        if let Answer::Refused(status) = answer
            && *status != StatusCode::CONFLICT
        {
            self.report.broken(format!("{what}: user-{} was signed out with {status}", self.number));
        }
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.sessions.last().map_or("", |held| &held.access))
    }

    fn held(&mut self) -> &mut Held {
        self.sessions.last_mut().expect("a session")
    }

    async fn send(&self, what: &str, request: RequestBuilder) -> Answer {
        let answer = answer(request).await;
        let outcome = match &answer {
            Answer::Ok(_) => "done".to_owned(),
            Answer::Refused(status) => status.as_u16().to_string(),
            Answer::Unknown => "503 or no answer".to_owned(),
        };
        self.report.count(format!("{what}: {outcome}"));
        answer
    }
}

async fn answer(request: RequestBuilder) -> Answer {
    let Ok(reply) = request.send().await else { return Answer::Unknown };
    let status = reply.status();
    if status.is_server_error() {
        return Answer::Unknown;
    }
    if !status.is_success() {
        return Answer::Refused(status);
    }
    let header = |name| Some(reply.headers().get(name)?.to_str().ok()?.to_owned()).filter(|value| !value.is_empty());
    let (access, refresh) = (header("st-access-token"), header("st-refresh-token"));
    match reply.json().await {
        Ok(body) => Answer::Ok(Reply { access, refresh, body }),
        Err(_) => Answer::Unknown,
    }
}

impl Answer {
    fn tokens(self) -> Option<(String, String)> {
        match self {
            Self::Ok(Reply { access, refresh, .. }) => access.zip(refresh),
            Self::Refused(_) | Self::Unknown => None,
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "what dies in real time is watched in real time")]
fn now() -> Instant {
    Instant::now()
}
