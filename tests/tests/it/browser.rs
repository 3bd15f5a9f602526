//! The published front-end package in headless Chromium, against servers on the library's public API. The scenarios, named after what
//! they promise, are in `tests/e2e`.

use session_tests::browser::{FOLDER, serve_all};
use tokio::process::Command;

/// Runs the scenarios of one file, which say by themselves what they found.
async fn run(file: &str) {
    let scenarios = Command::new("node")
        .args(["--test", "--test-reporter=spec", file])
        .current_dir(FOLDER)
        .env("SERVERS", serve_all().await)
        .env_remove("NODE_TEST_CONTEXT")
        .output()
        .await
        .expect("node");
    let report = String::from_utf8_lossy(&scenarios.stdout);
    println!("{report}");
    assert!(scenarios.status.success(), "{file} failed:\n{report}{}", String::from_utf8_lossy(&scenarios.stderr));
}

macro_rules! browser_tests {
    ($($name:ident: $file:literal,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[cfg_attr(
                not(browser),
                ignore = "needs Chromium and the front-end package: apt-get install -y chromium && npm ci --prefix tests/e2e"
            )]
            async fn $name() {
                run($file).await;
            }
        )*
    };
}

browser_tests! {
    a_session_lives_and_ends_as_the_front_end_package_expects: "session.test.mjs",
    another_site_can_do_nothing_in_any_anti_csrf_mode: "csrf.test.mjs",
    a_website_of_another_origin_works_with_cookies_and_headers: "origins.test.mjs",
    thieves_and_strange_cookies_are_answered_as_documented: "hostile.test.mjs",
}
