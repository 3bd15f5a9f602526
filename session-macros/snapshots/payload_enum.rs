#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimValue for Account {
        type Form = __session::Plain;
        const SCHEMA: &'static __session::Schema = &__session::Schema::Enum {
            name: "Account",
            tagging: __session::Tagging::Internal {
                tag: "type",
            },
            variants: &[
                __session::Variant {
                    name: "Shopper",
                    content: __session::Content::Fields {
                        fields: &[
                            __session::Field {
                                name: "level",
                                schema: <u8 as __session::ClaimValue>::SCHEMA,
                                ..__session::FIELD
                            },
                        ],
                    },
                    ..__session::VARIANT
                },
                __session::Variant {
                    name: "Admin",
                    content: __session::Content::Newtype {
                        value: <Admin as __session::ClaimValue>::SCHEMA,
                    },
                    ..__session::VARIANT
                },
                __session::Variant {
                    name: "Nobody",
                    content: __session::Content::Unit,
                    ..__session::VARIANT
                },
            ],
        };
    }
    #[automatically_derived]
    impl __session::AccessTokenPayload for Account {
        const KIND: &'static str = "account";
    }
    #[automatically_derived]
    #[allow(dead_code, reason = "for whoever asks")]
    impl Account {
        /// The longest JSON of any such payload, in bytes; `None` when nothing bounds it.
        const MAX_ENCODED_LEN: __session::Option<usize> = __session::longest(
            <__session::Probe<Self>>::SCHEMA,
        );
    }
    const _: () = __session::check_payload_field::<
        Account,
    >(0usize, 0usize, __session::WORDS);
    const _: () = __session::check_payload_field::<
        Account,
    >(1usize, 0usize, __session::WORDS);
    const _: () = __session::check_payload::<Account>();
};
