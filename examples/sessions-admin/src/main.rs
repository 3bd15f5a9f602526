//! `sessions`: what an operator does to sessions from a terminal or a script. `sessions --help` says what there is.
//!
//! It needs the database and nothing else of the service: no payload type, no policy, and, but for `keys`, no key.

mod arguments;
mod commands;
mod failure;
mod open;
mod output;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(arguments::Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::progress(failure.message());
            failure.exit_code()
        }
    }
}
