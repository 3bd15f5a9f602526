::core::compile_error! {
    "`sub` is a name of the access token's own; choose another, or another `#[serde(rename = \"…\")]`"
}
#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    impl __session::ClaimValue for Shopper {
        type Form = __session::Plain;
        const SCHEMA: &'static __session::Schema = &__session::Schema::Object {
            name: "Shopper",
            fields: &[],
        };
    }
    impl __session::AccessTokenPayload for Shopper {
        const KIND: &'static str = "";
    }
    #[automatically_derived]
    #[allow(dead_code, reason = "for whoever asks")]
    impl Shopper {
        /// The longest JSON of any such payload, in bytes; `None` when nothing bounds it.
        const MAX_ENCODED_LEN: __session::Option<usize> = __session::longest(
            <__session::Probe<Self>>::SCHEMA,
        );
    }
    #[automatically_derived]
    #[allow(dead_code, reason = "a field needs no guard")]
    impl Shopper {
        ///The key of `sub`, to say in a guard what is expected of it.
        const SUB: __session::Key<Self, u8> = __session::Key::new(
            "sub",
            |payload| &payload.sub,
        );
        ///The key of `level`, to say in a guard what is expected of it.
        const LEVEL: __session::Key<Self, u8> = __session::Key::new(
            "level",
            |payload| &payload.level,
        );
    }
};
