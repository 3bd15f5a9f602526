///The store's half of [`Checkout`].
/// What is being bought.
#[derive(
    ::session_runtime::__private::serde::Serialize,
    ::session_runtime::__private::serde::Deserialize,
    ::session_runtime::__private::Default,
    ::session_runtime::SessionData,
    Clone
)]
#[serde(crate = "::session_runtime::__private::serde")]
pub struct CheckoutData {
    items: Vec<Item>,
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
    impl __session::DataHalf for Checkout {
        type Data = CheckoutData;
    }
    #[automatically_derived]
    impl __session::FromRest<(Vec<Item>,)> for Checkout {
        fn data((items,): (Vec<Item>,)) -> Self::Data {
            CheckoutData { items }
        }
        fn rest(CheckoutData { items }: Self::Data) -> (Vec<Item>,) {
            (items,)
        }
    }
};
