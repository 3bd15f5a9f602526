//! Verified tokens are remembered: whatever is remembered, the answer is that of a node that remembers nothing.

use std::time::Duration;

use session_runtime::testing::ManualClock;
use session_runtime::{Keys, Session, SessionErrorKind, Sessions};
use session_tests::app::{App, Cart, Role, SECRETS, Shopper, Staff, in_memory, policy, shopper};

const LIFETIME: Duration = Duration::from_secs(60);

/// One node that remembers, and one that does not, on one database and one clock.
struct Twins {
    remembers: App,
    forgets: App,
    clock: ManualClock,
}

impl Twins {
    async fn new() -> Self {
        let (connection, clock) = (in_memory().await, ManualClock::default());
        let policy = |tokens| policy().access_token_lifetime(LIFETIME).verified_tokens(tokens);
        Self {
            remembers: App::on(connection.clone(), policy(4096), clock.clone()).await,
            forgets: App::on(connection, policy(0), clock.clone()).await,
            clock,
        }
    }

    async fn sign_in(&self) -> (Session<Shopper, Cart>, String) {
        let sessions = &self.remembers.sessions;
        let session: Session<Shopper, Cart> =
            sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
        let token = session.tokens().expect("tokens").access_token().to_owned();
        assert_eq!(self.verify(&token), Ok(()), "and now it is known");
        (session, token)
    }

    /// What both say, which is the same; the one that remembers says it twice.
    fn verify(&self, token: &str) -> Result<(), SessionErrorKind> {
        let plain = verify(&self.forgets.sessions, token);
        for time in ["first", "second"] {
            assert_eq!(verify(&self.remembers.sessions, token), plain, "the {time} time");
        }
        plain
    }
}

fn verify(sessions: &Sessions, token: &str) -> Result<(), SessionErrorKind> {
    sessions.verify::<Shopper, Cart>(token).map(drop).map_err(|error| error.kind())
}

#[tokio::test]
async fn a_known_token_expires_in_the_same_millisecond() {
    let twins = Twins::new().await;
    let (session, token) = twins.sign_in().await;
    let expires_at = session.expires_at().as_millis();
    let now = session_runtime::TimeProvider::now(&twins.clock).as_millis();
    twins.clock.advance(Duration::from_millis(u64::try_from(expires_at - now).expect("later") - 1));
    assert_eq!(twins.verify(&token), Ok(()));
    twins.clock.advance(Duration::from_millis(1));
    assert_eq!(twins.verify(&token), Err(SessionErrorKind::TryRefreshToken));
}

#[tokio::test]
async fn a_known_token_is_refused_when_its_session_was_revoked() {
    let twins = Twins::new().await;
    let (session, token) = twins.sign_in().await;
    twins.forgets.sessions.revoke_session(session.handle()).await.expect("a revocation");
    assert_eq!(verify(&twins.remembers.sessions, &token), Ok(()), "it has not heard of it");
    twins.remembers.sessions.read_revocations().await.expect("a look");
    assert_eq!(twins.verify(&token), Err(SessionErrorKind::Unauthorised));
}

#[tokio::test]
async fn a_known_token_is_refused_when_its_key_was_revoked() {
    let (connection, clock) = (in_memory().await, ManualClock::default());
    let sessions = Sessions::builder(policy().build().expect("a policy"), Keys::managed())
        .clock(clock)
        .with_connection(connection)
        .await
        .expect("sessions");
    let session: Session<Shopper, Cart> =
        sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    let token = session.tokens().expect("tokens").access_token().to_owned();
    assert_eq!(verify(&sessions, &token), Ok(()));
    let signing = sessions.keys().await.expect("keys").into_iter().next().expect("a key");
    sessions.revoke_key(signing.sequence()).await.expect("a revocation");
    assert_eq!(verify(&sessions, &token), Err(SessionErrorKind::TryRefreshToken));
}

#[tokio::test]
async fn a_known_token_is_refused_by_a_node_with_other_keys() {
    let connection = in_memory().await;
    let first = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let session: Session<Shopper, Cart> =
        first.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    let token = session.tokens().expect("tokens").access_token().to_owned();
    assert_eq!(verify(&first.sessions, &token), Ok(()));
    let others = Keys::from_secrets([SECRETS[1]]).expect("a secret");
    let other = Sessions::builder(policy().build().expect("a policy"), others).with_connection(connection);
    assert!(verify(&other.await.expect("sessions"), &token).is_err());
}

#[tokio::test]
async fn a_known_signature_under_other_claims_is_a_forgery() {
    let twins = Twins::new().await;
    let (_, token) = twins.sign_in().await;
    let (_, other) = twins.sign_in().await;
    let at = token.rfind('.').expect("a signature");
    let swapped = format!("{}{}", &other[..other.rfind('.').expect("a signature")], &token[at..]);
    assert!(twins.verify(&swapped).is_err());
    // Each byte of a known token, changed; and each end of it, cut.
    for position in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(bytes).expect("ASCII");
        assert!(forged == token || twins.verify(&forged).is_err(), "byte {position}");
        assert!(twins.verify(&token[..position]).is_err(), "cut to {position}");
        assert!(position == 0 || twins.verify(&token[position..]).is_err(), "cut from {position}");
    }
    assert_eq!(twins.verify(&token), Ok(()), "and the token itself is good still");
}

#[tokio::test]
async fn a_known_token_is_of_its_own_kind_only_and_gives_each_its_payload() {
    let twins = Twins::new().await;
    let (_, token) = twins.sign_in().await;
    for _ in 0..2 {
        let refused = twins.remembers.sessions.verify::<Staff, Cart>(&token).expect_err("another kind");
        assert_eq!(refused.kind(), SessionErrorKind::InvalidClaims);
        let session: Session<Shopper, Cart> = twins.remembers.sessions.verify(&token).expect("its own kind");
        assert_eq!(*session.payload(), shopper(Role::Customer));
    }
}

#[tokio::test]
async fn a_payload_that_was_changed_in_one_request_is_not_in_anothers_hands() {
    let twins = Twins::new().await;
    let (_, token) = twins.sign_in().await;
    let mut here: Session<Shopper, Cart> = twins.remembers.sessions.verify(&token).expect("a session");
    let there: Session<Shopper, Cart> = twins.remembers.sessions.verify(&token).expect("the same");
    here.update_payload(|payload| payload.role = Role::Admin).await.expect("an update");
    assert_eq!((here.payload().role, there.payload().role), (Role::Admin, Role::Customer));
}
