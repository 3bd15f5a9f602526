//! The token paths beside the sum of their pieces, and beside jsonwebtoken.

use base64::Engine;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::simd::Simd;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use jwt_simple::algorithms::{HS256Key, MACLike};
use jwt_simple::claims::JWTClaims;
use session_benches::payload::{Claims, PrivateClaims, Shopper};
use session_benches::{Effort, Race, Table};
use session_runtime::testing::vault::Vault;
use session_runtime::{Keys, NoData, Policy, Sessions};
use sha2::Sha256;

const USER: &str = "user-1e6f0c2ab7";
const SECRET: [u8; 32] = [7; 32];

fn main() {
    let effort = Effort::from_args();
    let table = Table::begin();
    verify_and_mint(effort, &table);
    verify_again(effort, &table);
}

/// As many tokens in use as the default remembers.
const LIVE: usize = 4096;

/// The whole of [`Sessions::verify`]: the token, its time, the feed, the note of last use, and the session in hand.
fn verify_again(effort: Effort, table: &Table) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (remembers, forgets) = (runtime.block_on(sessions(2 * LIVE)), runtime.block_on(sessions(0)));
    let tokens: Vec<String> = runtime.block_on(tokens(&remembers));
    let first = tokens.first().expect("a token");
    let (mut some, mut others) = (tokens.iter().cycle(), tokens.iter().cycle());
    let figures = Race::default()
        .with("known", || verifies(&remembers, some.next()))
        .with("known, one", || verifies(&remembers, Some(first)))
        .with("unknown", || verifies(&forgets, others.next()))
        .run(effort);
    let anew = ("the same, remembering nothing", ["unknown"].as_slice());
    table.ratio(&figures, "session in hand, 4,096 tokens in use", "known", anew, 0.25);
    table.ratio(&figures, "session in hand, one token in use", "known, one", anew, 0.25);
}

fn verifies(sessions: &Sessions, token: Option<&String>) -> bool {
    token.is_some_and(|token| sessions.verify::<Shopper, NoData>(token).is_ok())
}

async fn sessions(verified_tokens: usize) -> Sessions {
    let policy = Policy::for_api("http://localhost").verified_tokens(verified_tokens).build().expect("a policy");
    let keys = Keys::from_secrets([SECRET]).expect("a secret");
    Sessions::builder(policy, keys).connect("sqlite::memory:").await.expect("sessions")
}

async fn tokens(sessions: &Sessions) -> Vec<String> {
    let mut tokens = Vec::with_capacity(LIVE);
    for number in 0..LIVE {
        let user = format!("{USER}{number}");
        let session = sessions.create_new_session::<_, NoData>(user, Shopper::example(), NoData).await;
        tokens.push(session.expect("a session").tokens().expect("tokens").access_token().to_owned());
    }
    tokens
}

fn verify_and_mint(effort: Effort, table: &Table) {
    let vault = Vault::new(USER, &Shopper::example()).expect("a user id");
    let token = vault.issue();
    let (signing_input, _) = token.rsplit_once('.').expect("a signature");
    let (_, payload) = signing_input.split_once('.').expect("a payload");
    let simd = Simd::url_safe(NO_PAD);
    let json = simd.decode(payload).expect("base64url");
    let claims: Claims = serde_json::from_slice(&json).expect("claims");
    eprintln!("{} bytes of JSON, a token of {} characters", json.len(), token.len());

    let keyed = Hmac::<Sha256>::new_from_slice(&SECRET).expect("HMAC takes any key");
    let (encoding, decoding) = (EncodingKey::from_secret(&SECRET), DecodingKey::from_secret(&SECRET));
    let header = Header { kid: Some("AAAAAAAA".into()), typ: Some("st+jwt".into()), ..Header::default() };
    let validation = Validation::default();
    let theirs = jsonwebtoken::encode(&header, &claims, &encoding).expect("a token");
    assert_eq!(vault.verify::<Shopper>(&token), Some(Shopper::example()), "ours reads it");
    assert_eq!(jsonwebtoken::decode::<Claims>(&theirs, &decoding, &validation).expect("theirs").claims, claims);

    let simple = HS256Key::from_bytes(&SECRET);
    let simples = simple.authenticate(simple_claims(&claims)).expect("a token");
    let verify_simple = || simple.verify_token::<PrivateClaims>(&simples, None);
    assert_eq!(verify_simple().expect("theirs").custom, PrivateClaims::of(&claims));

    let mut buffer = [0; 1024];
    let figures = Race::default()
        .with("verify", || vault.verify::<Shopper>(&token))
        .with("hmac", || keyed.clone().chain_update(signing_input).finalize().into_bytes())
        .with("base64", || simd.decode_slice(payload, &mut buffer))
        .with("json", || serde_json::from_slice::<Claims>(&json))
        .with("jsonwebtoken verify", || jsonwebtoken::decode::<Claims>(&theirs, &decoding, &validation))
        .with("jwt-simple verify", verify_simple)
        .with("mint", || vault.issue())
        .with("jsonwebtoken mint", || jsonwebtoken::encode(&header, &claims, &encoding))
        .run(effort);

    let pieces = ("HMAC + base64 + serde_json", ["hmac", "base64", "json"].as_slice());
    table.ratio(&figures, "verify, typed, no cache", "verify", pieces, 0.70);
    table.ratio(&figures, "verify, typed, no cache", "verify", ("jsonwebtoken", &["jsonwebtoken verify"]), 1.0 / 4.5);
    table.ratio(&figures, "verify, typed, no cache", "verify", ("jwt-simple", &["jwt-simple verify"]), 1.0);
    table.ratio(&figures, "mint", "mint", ("jsonwebtoken", &["jsonwebtoken mint"]), 0.65);
}

/// The same claims as `jwt-simple` has them, which keeps those that are registered by itself. It reads the time of today.
fn simple_claims(claims: &Claims) -> JWTClaims<PrivateClaims> {
    let hour = jwt_simple::prelude::Duration::from_hours(1);
    jwt_simple::claims::Claims::with_custom_claims(PrivateClaims::of(claims), hour).with_subject(&claims.sub)
}
