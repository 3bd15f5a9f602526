//! What came of a request, as far as the client can tell.

use std::fmt;

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

pub(super) enum Answer {
    Ok(Reply),
    Refused(Refusal),
    /// 503, or no answer at all: it may have been done, or not.
    Unknown,
}

pub(super) struct Reply {
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
    pub(super) body: Value,
}

pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// What the body says.
    text: String,
}

pub(super) async fn answer_to(request: RequestBuilder) -> Answer {
    let Ok(reply) = request.send().await else { return Answer::Unknown };
    let status = reply.status();
    if status.is_server_error() {
        return Answer::Unknown;
    }
    let read = if status.is_success() { read(reply).await } else { refusal(reply).await };
    // It broke off in the middle.
    read.unwrap_or(Answer::Unknown)
}

async fn read(reply: Response) -> reqwest::Result<Answer> {
    let header = |name| Some(reply.headers().get(name)?.to_str().ok()?.to_owned()).filter(|value| !value.is_empty());
    let (access, refresh) = (header("st-access-token"), header("st-refresh-token"));
    Ok(Answer::Ok(Reply { access, refresh, body: reply.json().await? }))
}

async fn refusal(reply: Response) -> reqwest::Result<Answer> {
    Ok(Answer::Refused(Refusal { status: reply.status(), text: reply.text().await? }))
}

impl Answer {
    /// A word for the figures.
    pub(super) fn outcome(&self) -> String {
        match self {
            Self::Ok(_) => "done".into(),
            Self::Refused(refusal) => refusal.status.as_u16().to_string(),
            Self::Unknown => "503 or no answer".into(),
        }
    }

    pub(super) fn tokens(self) -> Option<(String, String)> {
        match self {
            Self::Ok(Reply { access, refresh, .. }) => access.zip(refresh),
            Self::Refused(_) | Self::Unknown => None,
        }
    }
}

impl Refusal {
    /// Whether the client hears that its token was stolen, as message or as reason.
    pub(super) fn speaks_of_theft(&self) -> bool {
        self.text.contains("theft")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.text)
    }
}
