//! When all is well again: what each session is, on every node, against its client's record.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::sleep;

use super::answer::Answer;
use super::failovers::Done;
use super::shopper::{Held, Shopper, State};

/// What is revoked on one node is heard of on all by then, where nothing is wrong.
const BOUND: Duration = Duration::from_secs(3);

/// How much longer a machine may take that is busy with other tests. What is heard of by then is counted as late.
const SLACK: Duration = Duration::from_secs(10);

impl Shopper {
    pub(super) async fn audit(mut self, nodes: Vec<String>) {
        for held in std::mem::take(&mut self.sessions) {
            match held.state {
                State::Open => self.audit_open(&held, &nodes).await,
                State::Ended(done) => self.audit_ended(&held, &nodes, "sign-outs", done).await,
                State::Stolen(done) => self.audit_ended(&held, &nodes, "ends of stolen sessions", done).await,
                State::Lost => self.audit_lost(&held, &nodes).await,
            }
        }
    }

    async fn audit_open(&self, held: &Held, nodes: &[String]) {
        let mut missing = HashSet::new();
        for node in nodes {
            let request = self.http.get(format!("{node}/cart")).bearer_auth(&held.access);
            let stored: Vec<String> = match self.send("audit", request).await {
                Answer::Ok(reply) => serde_json::from_value(reply.body["items"].clone()).unwrap_or_default(),
                Answer::Refused(refusal) if !refusal.speaks_of_theft() => {
                    let promise = || format!("user-{} was signed out on {node}: {refusal}", self.number);
                    return self.report.lost("sessions", held.signed_in, promise);
                }
                Answer::Refused(_) => return self.report.broken(format!("user-{} was called a thief", self.number)),
                Answer::Unknown => return self.report.broken(format!("{node} does not heal")),
            };
            let distinct: HashSet<_> = stored.iter().cloned().collect();
            if distinct.len() < stored.len() {
                self.report.broken(format!("a write of user-{} is there twice", self.number));
            }
            missing.extend(held.acknowledged.keys().filter(|item| !distinct.contains(*item)));
        }
        for item in &missing {
            let promise = || format!("an acknowledged write of user-{} is lost: {item}", self.number);
            self.report.lost("writes", held.acknowledged[*item], promise);
        }
        self.report.count_many("acknowledged writes found again", (held.acknowledged.len() - missing.len()) as u64);
        if !matches!(self.refresh_at(&nodes[0], &held.refresh, "audit").await, Answer::Ok(_)) {
            self.report.broken(format!("user-{} cannot refresh, and all is well", self.number));
        }
    }

    /// A session that ended. Where a failover has lost its end, that has to be repeated, and must hold then.
    async fn audit_ended(&self, held: &Held, nodes: &[String], what: &str, ended: Done) {
        let taken = self.taken(held, nodes).await;
        if taken.is_empty() {
            return;
        }
        let promise = || format!("a session of user-{} that has ended is taken: {}", self.number, taken.join(", "));
        if !taken.iter().any(|taken| taken.starts_with("refresh")) {
            // There is no such row, so its end was not lost. Where the session was, its access token is good until it expires.
            if !self.is_refused_late(held, nodes).await {
                self.report.lost("sessions", held.signed_in, promise);
            }
            return;
        }
        self.report.lost(what, ended, promise);
        for node in nodes {
            self.end_again(held, node).await;
        }
        sleep(BOUND).await;
        for taken in self.taken(held, nodes).await {
            self.report.broken(format!("a session of user-{} was ended again and is taken: {taken}", self.number));
        }
    }

    async fn is_refused_late(&self, held: &Held, nodes: &[String]) -> bool {
        if self.report.failovers.may_have_lost(held.signed_in) {
            return false;
        }
        sleep(SLACK).await;
        let is_refused = self.taken(held, nodes).await.is_empty();
        if is_refused {
            self.report.count("ended sessions refused late");
        }
        is_refused
    }

    /// Signs out again, or comes with the stolen token again. Nodes that heard of the end refuse without asking the database.
    async fn end_again(&self, held: &Held, node: &str) {
        if let (State::Stolen(_), Some(stolen)) = (held.state, held.stolen()) {
            if !matches!(self.refresh_at(node, stolen, "audit").await, Answer::Refused(_)) {
                self.report.broken(format!("a thief got the session of user-{} at the second try", self.number));
            }
            return;
        }
        let request = self.http.post(format!("{node}/logout")).bearer_auth(&held.access);
        if matches!(self.send("audit", request).await, Answer::Unknown) {
            self.report.broken(format!("{node} does not heal"));
        }
    }

    /// Which nodes take which token of the session.
    async fn taken(&self, held: &Held, nodes: &[String]) -> Vec<String> {
        let mut taken = Vec::new();
        for node in nodes {
            let verify = self.http.get(format!("{node}/me")).bearer_auth(&held.access);
            let verified = self.send("audit", verify).await;
            let refreshed = self.refresh_at(node, &held.refresh, "audit").await;
            for (name, answer) in [("verify", verified), ("refresh", refreshed)] {
                match answer {
                    Answer::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
                        self.report.count("ended sessions refused");
                    }
                    Answer::Ok(_) => taken.push(format!("{name} on {node}")),
                    Answer::Refused(_) | Answer::Unknown => {
                        self.report.broken(format!("{name} on {node} does not heal"));
                    }
                }
            }
        }
        taken
    }

    /// A session that is unknown is so everywhere, and no theft.
    async fn audit_lost(&self, held: &Held, nodes: &[String]) {
        for node in nodes {
            match self.refresh_at(node, &held.refresh, "audit").await {
                Answer::Refused(refusal) if !refusal.speaks_of_theft() => {}
                _ => self.report.broken(format!("a lost session of user-{} is something else on {node}", self.number)),
            }
        }
    }
}
