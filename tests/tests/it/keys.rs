//! Where keys come from: race-free, wrapped, and never in clear where wrapping is asked for.

use session_runtime::{KeyError, Keys, NoData, NoPayload, Sessions, SetupError, WrappingKey};
use session_tests::app::policy;

async fn open(url: &str, keys: Keys) -> Result<Sessions, SetupError> {
    Sessions::builder(policy().build().expect("a policy"), keys).connect(url).await
}

async fn token(sessions: &Sessions) -> String {
    let session = sessions.create_new_session::<_, NoData>("ada", NoPayload, NoData).await.expect("a session");
    session.tokens().expect("tokens").access_token().to_owned()
}

fn accepts(sessions: &Sessions, token: &str) -> bool {
    sessions.verify::<NoPayload, NoData>(token).is_ok()
}

#[test]
fn j7_b5_short_secrets_are_refused_and_named() {
    let good = "0123456789abcdef0123456789abcdef";
    assert!(matches!(Keys::from_secrets([&good[1..]]), Err(KeyError::TooShort { position: 1, bytes: 31 })));
    assert!(matches!(Keys::from_secrets([good, "x"]), Err(KeyError::TooShort { position: 2, bytes: 1 })));
    assert!(matches!(Keys::from_secrets::<&str>([]), Err(KeyError::Missing)));
    assert!(matches!(Keys::from_secrets([good, good]), Err(KeyError::Duplicate { .. })));
    assert!(matches!(WrappingKey::from_secret("x"), Err(KeyError::TooShort { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_nodes_that_start_at_once_all_sign_with_one_managed_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("sessions.db").display());
    let wrapping = folder.path().join("key");
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (url, wrapping) = (url.clone(), wrapping.clone());
        starting.spawn(async move {
            let wrapping = WrappingKey::from_file(wrapping).expect("a wrapping key");
            open(&url, Keys::managed_wrapped(wrapping)).await.expect("sessions")
        });
    }
    let nodes = starting.join_all().await;
    let token = token(&nodes[0]).await;
    assert!(nodes.iter().all(|node| accepts(node, &token)));
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("a folder")
            .filter(|file| { file.as_ref().is_ok_and(|file| file.file_name().to_string_lossy().starts_with("key")) })
            .count(),
        1,
        "nothing is left behind"
    );
}

#[tokio::test]
async fn managed_keys_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("sessions.db").display());
    let first = token(&open(&url, Keys::managed()).await.expect("sessions")).await;
    assert!(accepts(&open(&url, Keys::managed()).await.expect("sessions"), &first));
}

#[tokio::test]
async fn wrapped_keys_open_under_their_own_wrapping_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("sessions.db").display());
    let wrapping = |secret: &str| Keys::managed_wrapped(WrappingKey::from_secret(secret).expect("a wrapping key"));
    let right = "the wrapping secret, of 32 bytes or more";
    open(&url, wrapping(right)).await.expect("sessions");
    for wrong in [Keys::managed(), wrapping("another wrapping secret, just as long")] {
        let error = open(&url, wrong).await.expect_err("the wrong wrapping");
        assert!(matches!(error, SetupError::Keys(KeyError::Wrapped)), "{error:?}");
    }
    open(&url, wrapping(right)).await.expect("sessions");
}

#[tokio::test]
async fn a_retired_secret_verifies_until_it_is_dropped() {
    let (old, new) = ("the old secret, of 32 bytes or more!", "the new secret, of 32 bytes or more!");
    let before = open("sqlite::memory:", Keys::from_secrets([old]).expect("a key")).await.expect("sessions");
    let token = token(&before).await;
    for (secrets, good) in [(vec![new, old], true), (vec![new], false)] {
        let after = open("sqlite::memory:", Keys::from_secrets(secrets).expect("keys")).await.expect("sessions");
        assert_eq!(accepts(&after, &token), good);
    }
}

#[test]
fn a_file_that_holds_no_key_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    for text in ["", "not base64!", "c2hvcnQ="] {
        std::fs::write(&file, text).expect("a file");
        assert!(WrappingKey::from_file(&file).is_err(), "{text:?}");
    }
    assert!(matches!(WrappingKey::from_file(folder.path()), Err(KeyError::File(_))));
}
