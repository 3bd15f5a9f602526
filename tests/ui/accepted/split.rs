use session_runtime::{AccessTokenPayload, Secret, SessionData};

use session_runtime::payload::SplitSession;

#[derive(AccessTokenPayload, SessionData)]
#[access_token(kind = "checkout", max_bytes = 100)]
#[session_data(kind = "checkout", version = 2)]
#[session(derive(Clone, Debug))]
#[serde(rename_all = "camelCase")]
pub struct Checkout<T: Clone, U>
where
    U: Default,
{
    /// Where the user is.
    #[session(token)]
    pub current_step: u8,
    #[session(token)]
    extra: T,
    #[session(data)]
    payment_token: Option<Secret<String>>,
    /// Bought.
    #[serde(default)]
    pub items: Vec<U>,
}

#[test]
fn accepted() {
    let whole = Checkout { current_step: 3, extra: true, payment_token: None, items: vec![1_u8] };
    let (token, data): (CheckoutToken<bool>, CheckoutData<u8>) = whole.split();
    assert_eq!(CheckoutToken::<bool>::MAX_ENCODED_LEN, Some(r#"{"currentStep":255,"extra":false}"#.len()));
    assert_eq!((CheckoutToken::<bool>::VERSION, CheckoutData::<u8>::VERSION), (1, 2));
    let whole = Checkout::join(token.clone(), data);
    assert_eq!((whole.current_step, whole.items), (3, vec![1]));
}
