//! Sets `cfg(browser)` where the browser tests can run, so that elsewhere they are reported as ignored, with what to install. Where
//! `BROWSER_TESTS=required` they run, and fail for what is missing.

use std::env;
use std::path::Path;

fn main() {
    let chromium = env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let package = "e2e/node_modules/supertokens-website/package.json";
    println!("cargo::rustc-check-cfg=cfg(browser)");
    for variable in ["BROWSER_TESTS", "CHROMIUM"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    for file in [chromium.as_str(), package] {
        println!("cargo::rerun-if-changed={file}");
    }
    let is_required = env::var("BROWSER_TESTS").is_ok_and(|value| value == "required");
    if is_required || (Path::new(&chromium).exists() && Path::new(package).exists()) {
        println!("cargo::rustc-cfg=browser");
    }
}
