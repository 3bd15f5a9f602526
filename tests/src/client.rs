//! A client that keeps its tokens between requests: in cookies, as a browser does, or in hand, as a mobile app does.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

pub const REFRESH: &str = "/auth/session/refresh";
pub const SIGN_OUT: &str = "/auth/signout";

/// A client of an application in this process.
#[derive(Clone)]
pub struct Client {
    app: Router,
    mode: Mode,
    /// Name to value and path.
    pub cookies: BTreeMap<String, (String, String)>,
    pub access: Option<String>,
    pub refresh: Option<String>,
    pub anti_csrf: Option<String>,
    pub front: Option<Value>,
    extra: HeaderMap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Cookie,
    Header,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("visible characters"))
    }

    /// The lines that store or remove the cookie `name`.
    pub fn set_cookies(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().expect("visible characters"));
        lines.filter(|line| line.split_once('=').is_some_and(|(found, _)| found == name)).collect()
    }

    #[track_caller]
    pub fn assert(&self, status: u16, body: &Value) -> &Self {
        assert_eq!((self.status.as_u16(), &self.json()), (status, body));
        self
    }

    /// Whatever the reason is that comes along.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, message: &str) -> &Self {
        let mut body = self.json();
        body.as_object_mut().expect("an object").remove("reason");
        assert_eq!((self.status.as_u16(), body), (status, serde_json::json!({ "message": message })));
        self
    }

    /// Refused for a revocation, and told why.
    #[track_caller]
    pub fn assert_revoked(&self, reason: &str) -> &Self {
        self.assert(401, &serde_json::json!({ "message": "unauthorised", "reason": reason }))
    }

    /// Nothing at the client changes.
    #[track_caller]
    pub fn assert_tokens_left_alone(&self) -> &Self {
        for name in ["set-cookie", "front-token", "st-access-token", "st-refresh-token", "anti-csrf"] {
            assert!(!self.headers.contains_key(name), "{name}");
        }
        self
    }

    #[track_caller]
    pub fn assert_tokens_cleared(&self) -> &Self {
        assert_eq!(self.header("front-token"), Some("remove"));
        self
    }
}

impl Client {
    pub fn with_cookies(app: &Router) -> Self {
        Self::new(app, Mode::Cookie)
    }

    pub fn with_headers(app: &Router) -> Self {
        Self::new(app, Mode::Header)
    }

    fn new(app: &Router, mode: Mode) -> Self {
        Self {
            app: app.clone(),
            mode,
            cookies: BTreeMap::new(),
            access: None,
            refresh: None,
            anti_csrf: None,
            front: None,
            extra: HeaderMap::new(),
        }
    }

    /// The same client, which also sends this header from now on.
    pub fn sending(mut self, name: &'static str, value: &str) -> Self {
        self.extra.insert(HeaderName::from_static(name), value.parse().expect("a header's value"));
        self
    }

    /// The same client, which reaches another application from now on.
    pub fn moved_to(self, app: &Router) -> Self {
        Self { app: app.clone(), ..self }
    }

    pub async fn sign_in(mut self, user: &str, role: &str) -> Self {
        let reply = self.post("/login", &serde_json::json!({ "user": user, "role": role })).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        self
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn refresh(&mut self) -> Reply {
        self.send(Method::POST, REFRESH, None).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        let headers = request.headers_mut().expect("a request in the making");
        headers.extend(self.extra.clone());
        self.write(path, headers);
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let reply = call(&self.app, request.body(body).expect("a request")).await;
        self.read(&reply);
        reply
    }

    fn write(&self, path: &str, headers: &mut HeaderMap) {
        let mut set = |name: HeaderName, value: &str| headers.insert(name, value.parse().expect("a header's value"));
        set(CONTENT_TYPE, "application/json");
        set(HeaderName::from_static("st-auth-mode"), if self.mode == Mode::Cookie { "cookie" } else { "header" });
        let bearer = if path == REFRESH { &self.refresh } else { &self.access };
        if let Some(token) = bearer {
            set(AUTHORIZATION, &format!("Bearer {token}"));
        }
        if let Some(value) = &self.anti_csrf {
            set(HeaderName::from_static("anti-csrf"), value);
        }
        let sent = self.cookies.iter().filter(|(_, (_, scope))| path.starts_with(scope.as_str()));
        let line = sent.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        if !line.is_empty() {
            set(COOKIE, &line);
        }
    }

    fn read(&mut self, reply: &Reply) {
        for line in reply.headers.get_all(SET_COOKIE) {
            let line = line.to_str().expect("visible characters");
            let (pair, attributes) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name and a value");
            let path = attributes.split("Path=").nth(1).expect("a path").split(';').next().expect("a path");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), (value.into(), path.into()));
            }
        }
        let keep = |kept: &mut Option<String>, name: &str| match reply.header(name) {
            Some("") => *kept = None,
            Some(value) => *kept = Some(value.to_owned()),
            None => {}
        };
        if self.mode == Mode::Header {
            keep(&mut self.access, "st-access-token");
            keep(&mut self.refresh, "st-refresh-token");
        }
        keep(&mut self.anti_csrf, "anti-csrf");
        match reply.header("front-token") {
            Some("remove") => self.front = None,
            Some(token) => {
                let json = STANDARD.decode(token).expect("padded base64");
                self.front = Some(serde_json::from_slice(&json).expect("JSON"));
            }
            None => {}
        }
    }
}

/// Sends one request to an application in this process.
pub async fn call(app: &Router, request: Request<Body>) -> Reply {
    let response = app.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.expect("a body");
    Reply { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).expect("UTF-8") }
}
