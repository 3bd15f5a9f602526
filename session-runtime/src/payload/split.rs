//! One struct that is both: some fields travel in the token, the others stay in the store.

use super::{AccessTokenPayload, SessionData};

/// A struct whose token half is an access token payload. Made by `#[derive(AccessTokenPayload)]` when a field says
/// `#[session(token)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no half for the access token",
    label = "fields say `#[session(…)]`, and `AccessTokenPayload` is not derived",
    note = "derive both: `#[derive(AccessTokenPayload, SessionData)]`"
)]
pub trait TokenHalf {
    /// The companion that travels.
    type Token: AccessTokenPayload;
    /// The values of the fields that stay.
    #[doc(hidden)]
    type Rest;

    #[doc(hidden)]
    fn take_token(self) -> (Self::Token, Self::Rest);

    #[doc(hidden)]
    fn with_token(token: Self::Token, rest: Self::Rest) -> Self;
}

/// A struct whose other half is session data. Made by `#[derive(SessionData)]` when a field says `#[session(token)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no half for the store",
    label = "fields say `#[session(…)]`, and `SessionData` is not derived",
    note = "derive both: `#[derive(AccessTokenPayload, SessionData)]`"
)]
pub trait DataHalf {
    /// The companion that stays.
    type Data: SessionData;
}

/// How the fields that stay become the companion, and back.
#[doc(hidden)]
pub trait FromRest<Rest>: DataHalf {
    /// The companion of the values.
    fn data(rest: Rest) -> Self::Data;

    /// The values of the companion.
    fn rest(data: Self::Data) -> Rest;
}

/// Asks for the other derive, where one was found.
pub const fn needs_data_half<T: DataHalf>() {}

/// A struct with both derives, which say per field where it lives; a field that says nothing stays in the store.
///
/// The derives make the two companions `…Token` and `…Data`, with the fields' docs, visibility and serde attributes. What else
/// the companions should derive is said with `#[session(derive(…))]`.
///
/// ```
/// use session_runtime::payload::SplitSession;
/// use session_runtime::{AccessTokenPayload, SessionData};
///
/// #[derive(AccessTokenPayload, SessionData)]
/// #[session(derive(Clone))]
/// struct Checkout {
///     #[session(token)]
///     step: u8,
///     items: Vec<String>,
/// }
///
/// let (token, data) = Checkout { step: 2, items: vec!["book".into()] }.split();
/// let (token, data): (CheckoutToken, CheckoutData) = (token, data);
/// let whole = Checkout::join(token, data);
/// assert_eq!((whole.step, whole.items.len()), (2, 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not split into token and data",
    note = "derive both, and mark what travels: `#[derive(AccessTokenPayload, SessionData)]` with `#[session(token)]`"
)]
pub trait SplitSession: TokenHalf + DataHalf + Sized {
    /// Takes the value apart.
    fn split(self) -> (Self::Token, Self::Data);

    /// Puts the halves together again.
    fn join(token: Self::Token, data: Self::Data) -> Self;
}

impl<T: TokenHalf + FromRest<T::Rest>> SplitSession for T {
    fn split(self) -> (Self::Token, Self::Data) {
        let (token, rest) = self.take_token();
        (token, Self::data(rest))
    }

    fn join(token: Self::Token, data: Self::Data) -> Self {
        Self::with_token(token, Self::rest(data))
    }
}
