///The access token's half of [`Checkout`].
/// What is being bought.
#[derive(
    ::session_runtime::__private::serde::Serialize,
    ::session_runtime::__private::serde::Deserialize,
    ::session_runtime::AccessTokenPayload,
    Clone
)]
#[serde(crate = "::session_runtime::__private::serde")]
pub struct CheckoutToken {
    /// Where the user is.
    #[serde(rename = "at")]
    pub step: u8,
}
#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::TokenHalf for Checkout {
        type Token = CheckoutToken;
        type Rest = (Vec<Item>,);
        fn take_token(self) -> (Self::Token, Self::Rest) {
            let Self { step, items } = self;
            (CheckoutToken { step }, (items,))
        }
        fn with_token(token: Self::Token, rest: Self::Rest) -> Self {
            let (CheckoutToken { step }, (items,)) = (token, rest);
            Self { step, items }
        }
    }
    const _: () = __session::needs_data_half::<Checkout>();
};
