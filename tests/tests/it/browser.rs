//! The published front-end package in headless Chromium, against servers on the library's public API. The scenarios, named after what
//! they promise, are in `tests/e2e`.

use session_tests::browser::{FOLDER, serve_all};
use session_tests::process::{Quickstart, Storefront, folder_of_binaries};
use tokio::process::Command;

/// Runs the scenarios of one file, which say by themselves what they found.
async fn run(file: &str, settings: &[(&str, String)]) {
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec", file]).current_dir(FOLDER).env_remove("NODE_TEST_CONTEXT");
    let scenarios = node.envs(settings.iter().cloned()).output().await.expect("node");
    let report = String::from_utf8_lossy(&scenarios.stdout);
    println!("{report}");
    assert!(scenarios.status.success(), "{file} failed:\n{report}{}", String::from_utf8_lossy(&scenarios.stderr));
}

macro_rules! browser_tests {
    ($($name:ident: $file:literal,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[cfg_attr(
                not(has_browser),
                ignore = "needs Chromium and the front-end package: apt-get install -y chromium && npm ci --prefix tests/e2e"
            )]
            async fn $name() {
                run($file, &[("SERVERS", serve_all().await)]).await;
            }
        )*
    };
}

browser_tests! {
    a_session_lives_and_ends_as_the_front_end_package_expects: "session.test.mjs",
    another_site_can_do_nothing_in_any_anti_csrf_mode: "csrf.test.mjs",
    a_website_of_another_origin_works_with_cookies_and_headers: "origins.test.mjs",
    a_change_of_the_cookies_domain_goes_unnoticed: "domains.test.mjs",
    thieves_and_strange_cookies_are_answered_as_documented: "hostile.test.mjs",
}

/// Keeps pictures of its pages in `target/debug/screenshots`.
#[tokio::test]
#[cfg_attr(
    not(has_browser),
    ignore = "needs Chromium and the front-end package: apt-get install -y chromium && npm ci --prefix tests/e2e"
)]
async fn the_storefront_can_be_used_by_mouse_and_keyboard_wide_and_narrow() {
    let folder = tempfile::tempdir().expect("a folder");
    let storefront = Storefront::start(folder.path());
    let pictures = folder_of_binaries().join("screenshots").display().to_string();
    run("storefront.test.mjs", &[("STOREFRONT", storefront.url.clone()), ("SCREENSHOTS", pictures)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(
    not(has_browser),
    ignore = "needs Chromium and the front-end package: apt-get install -y chromium && npm ci --prefix tests/e2e"
)]
async fn the_quickstart_serves_the_front_end_package_of_another_origin() {
    let folder = tempfile::tempdir().expect("a folder");
    let servers = serve_all().await;
    let website = serde_json::from_str::<serde_json::Value>(&servers).expect("JSON")["website"].clone();
    let settings = [("ACCESS_TOKEN_SECONDS", "1"), ("WEBSITE", website.as_str().expect("an origin"))];
    let quickstart = Quickstart::start(folder.path(), &settings);
    let url = quickstart.url.replace("127.0.0.1", "localhost");
    run("quickstart.test.mjs", &[("SERVERS", servers), ("QUICKSTART", url)]).await;
}
