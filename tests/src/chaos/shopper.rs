//! A client with a record of its own: what was acknowledged, what it holds, what it gave up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;
use tokio::time::sleep;

use super::answer::{Answer, Refusal, answer_to};
use super::failovers::Done;
use super::now;
use super::record::Report;

/// Two rotations of one client lie further apart than a request may hang: what is decided only after the next rotation is a replay, as
/// the rule of rotation says.
const BETWEEN_REFRESHES: Duration = Duration::from_secs(7);

/// Longer than any request may hang.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Shopper {
    pub(super) number: usize,
    url: String,
    pub(super) http: Client,
    rng: Rng,
    pub(super) report: Arc<Report>,
    pub(super) sessions: Vec<Held>,
}

/// What the client knows of one of its sessions.
pub(super) struct Held {
    pub(super) access: String,
    pub(super) refresh: String,
    /// Refresh tokens that were replaced.
    old: Vec<String>,
    pub(super) signed_in: Done,
    /// When the newest tokens came.
    rotated: Done,
    refreshed_at: Instant,
    pub(super) acknowledged: HashMap<String, Done>,
    pub(super) state: State,
}

#[derive(Clone, Copy)]
pub(super) enum State {
    Open,
    /// The client has signed out.
    Ended(Done),
    /// Somebody replayed an old token and was told so.
    Stolen(Done),
    /// Refused to its client, who had not ended it.
    Lost,
}

impl Held {
    /// What a thief comes with: a token from before the last two rotations.
    pub(super) fn stolen(&self) -> Option<&str> {
        self.old.iter().nth_back(1).map(String::as_str)
    }
}

impl Shopper {
    pub(super) fn new(number: usize, url: &str, seed: u64, report: Arc<Report>) -> Self {
        let http = Client::builder().pool_max_idle_per_host(0).timeout(PATIENCE).build().expect("a client");
        let rng = Rng::with_seed(seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { number, url: url.to_owned(), http, rng, report, sessions: Vec::new() }
    }

    pub(super) async fn live(mut self, until: Instant) -> Self {
        while now() < until {
            match self.sessions.last().map(|held| held.state) {
                Some(State::Open) => self.step().await,
                _ => self.sign_in().await,
            }
            sleep(Duration::from_millis(self.rng.u64(5..60))).await;
        }
        self
    }

    async fn sign_in(&mut self) {
        let asked = now();
        let request = self.http.post(format!("{}/login", self.url));
        let user = format!("user-{}", self.number);
        let Answer::Ok(reply) = self.send("sign in", request.json(&json!({ "userId": user }))).await else { return };
        let (Some(access), Some(refresh)) = (reply.access, reply.refresh) else {
            return self.report.broken(format!("{user} signed in and got no tokens"));
        };
        let signed_in = Done::since(asked);
        self.sessions.push(Held {
            access,
            refresh,
            old: Vec::new(),
            signed_in,
            rotated: signed_in,
            refreshed_at: now(),
            acknowledged: HashMap::new(),
            state: State::Open,
        });
    }

    async fn step(&mut self) {
        let is_due = now().duration_since(self.held().refreshed_at) > BETWEEN_REFRESHES;
        match self.rng.u16(..1000) {
            _ if is_due && self.held().stolen().is_some() && self.rng.bool() => self.steal().await,
            _ if is_due => self.refresh_from_two_tabs().await,
            0..5 => self.sign_out().await,
            5..25 if self.held().stolen().is_some() => self.steal().await,
            5..500 => self.verify().await,
            500..900 => self.write().await,
            _ => self.write_from_two_tabs().await,
        }
    }

    async fn verify(&mut self) {
        let request = self.authorised(self.http.get(format!("{}/me", self.url)));
        // The token speaks for itself, also where the database has lost its session.
        if let Answer::Refused(refusal) = self.send("verify", request).await {
            self.report.broken(format!("verify: user-{} was signed out: {refusal}", self.number));
        }
    }

    async fn write(&mut self) {
        let item = self.item();
        let written = self.put(&item).await;
        self.record_write(item, written);
    }

    /// At the same time, to the same data: neither write may be lost to the other.
    async fn write_from_two_tabs(&mut self) {
        let (one, other) = (self.item(), self.item());
        let (one_written, other_written) = tokio::join!(self.put(&one), self.put(&other));
        self.record_write(one, one_written);
        self.record_write(other, other_written);
    }

    fn item(&mut self) -> String {
        format!("{}-{:x}", self.number, self.rng.u64(..))
    }

    async fn put(&self, item: &str) -> Result<Done, Answer> {
        let asked = now();
        let request = self.authorised(self.http.post(format!("{}/cart", self.url))).json(&json!({ "item": item }));
        match self.send("write", request).await {
            Answer::Ok(_) => Ok(Done::since(asked)),
            answer => Err(answer),
        }
    }

    fn record_write(&mut self, item: String, written: Result<Done, Answer>) {
        match written {
            Ok(done) => drop(self.held().acknowledged.insert(item, done)),
            // Nothing was written, and it may be tried again.
            Err(Answer::Refused(refusal)) if refusal.status == StatusCode::CONFLICT => {}
            Err(Answer::Refused(refusal)) => self.refused("write", &refusal),
            Err(_) => {}
        }
    }

    async fn refresh_from_two_tabs(&mut self) {
        let asked = now();
        let token = self.held().refresh.clone();
        let (one, other) = tokio::join!(self.refresh(&token), self.refresh(&token));
        for answer in [&one, &other] {
            if let Answer::Refused(refusal) = answer {
                self.refused("refresh", refusal);
            }
        }
        let refreshed = Done::since(asked);
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
            (held.access, held.rotated) = (access, refreshed);
        }
    }

    /// Somebody comes with an old token, until the answer is clear.
    async fn steal(&mut self) {
        let asked = now();
        let stolen = self.held().stolen().expect("an old token").to_owned();
        loop {
            match self.refresh(&stolen).await {
                Answer::Ok(reply) if self.may_have_lost_its_rotation() => {
                    self.thief_got_in(reply.refresh).await;
                }
                Answer::Ok(_) => {
                    self.report.broken(format!("a thief got the session of user-{}", self.number));
                    break;
                }
                Answer::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
                    break self.report.count("thieves caught");
                }
                Answer::Refused(refusal) => break self.report.broken(format!("a thief was told {refusal}")),
                Answer::Unknown => sleep(Duration::from_millis(100)).await,
            }
        }
        self.held().state = State::Stolen(Done::since(asked));
    }

    fn may_have_lost_its_rotation(&self) -> bool {
        self.report.failovers.may_have_lost(self.last().rotated)
    }

    /// The database has lost the last rotation, so that the old token is the one before the newest there: good until the client comes with
    /// its own, which is newer still.
    async fn thief_got_in(&mut self, got: Option<String>) {
        self.report.lost("rotations, a thief was let in until the next", self.last().rotated, String::new);
        if got.as_ref() != self.last().old.last() {
            self.report.broken(format!("a thief has another generation of the session of user-{}", self.number));
        }
        self.refresh_from_two_tabs().await;
    }

    async fn sign_out(&mut self) {
        let asked = now();
        let mut has_tried = false;
        loop {
            let request = self.authorised(self.http.post(format!("{}/logout", self.url)));
            match self.send("sign out", request).await {
                Answer::Ok(_) => break,
                // An earlier try was carried out, and its answer lost.
                Answer::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED && has_tried => break,
                Answer::Refused(refusal) => return self.refused("sign out", &refusal),
                Answer::Unknown => sleep(Duration::from_millis(100)).await,
            }
            has_tried = true;
        }
        self.held().state = State::Ended(Done::since(asked));
    }

    /// The client has done nothing that would end its session: a failover has lost it, or a promise is broken. A theft it never is.
    fn refused(&mut self, what: &str, refusal: &Refusal) {
        let (number, held) = (self.number, self.sessions.last_mut().expect("a session"));
        let was = std::mem::replace(&mut held.state, State::Lost);
        let promise = || format!("{what}: user-{number} was signed out: {refusal}");
        if refusal.speaks_of_theft() {
            self.report.broken(promise());
        } else if matches!(was, State::Open) {
            self.report.lost("sessions", held.signed_in, promise);
        }
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.refresh_at(&self.url, token, "refresh").await
    }

    pub(super) async fn refresh_at(&self, node: &str, token: &str, what: &str) -> Answer {
        self.send(what, self.http.post(format!("{node}/auth/session/refresh")).bearer_auth(token)).await
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.last().access)
    }

    fn last(&self) -> &Held {
        self.sessions.last().expect("a session")
    }

    fn held(&mut self) -> &mut Held {
        self.sessions.last_mut().expect("a session")
    }

    pub(super) async fn send(&self, what: &str, request: RequestBuilder) -> Answer {
        let answer = answer_to(request).await;
        self.report.count(format!("{what}: {}", answer.outcome()));
        answer
    }
}
