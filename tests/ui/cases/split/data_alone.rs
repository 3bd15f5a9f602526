use session_runtime::SessionData;

use session_runtime::payload::SplitSession;

fn take<S: SplitSession>(_: S) {}

#[derive(SessionData)]
struct Checkout {
    #[session(token)]
    step: u8,
    items: Vec<u8>,
}

fn main() {
    take(Checkout { step: 1, items: Vec::new() });
}
