#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimValue for Shopper {
        type Form = __session::Plain;
        const SCHEMA: &'static __session::Schema = &__session::Schema::Object {
            name: "Shopper",
            fields: &[
                __session::Field {
                    name: "role",
                    schema: <Role as __session::ClaimValue>::SCHEMA,
                    ..__session::FIELD
                },
                __session::Field {
                    name: "displayName",
                    schema: &__session::Schema::Limited {
                        inner: <String as __session::ClaimValue>::SCHEMA,
                        limits: __session::Limits {
                            max_len: __session::Some(64),
                            ..__session::LIMITS
                        },
                    },
                    ..__session::FIELD
                },
                __session::Field {
                    name: "emailVerified",
                    schema: <Claim<bool> as __session::ClaimValue>::SCHEMA,
                    aliases: &["verified"],
                    may_be_absent: true,
                    ..__session::FIELD
                },
                __session::Field {
                    name: "profile",
                    schema: <Profile as __session::ClaimValue>::SCHEMA,
                    flatten: true,
                    ..__session::FIELD
                },
            ],
        };
    }
    #[automatically_derived]
    impl __session::AccessTokenPayload for Shopper {
        const KIND: &'static str = "shopper";
        const MAX_BYTES: __session::Option<usize> = __session::Some(1024);
    }
    #[automatically_derived]
    #[allow(dead_code, reason = "for whoever asks")]
    impl Shopper {
        /// The longest JSON of any such payload, in bytes; `None` when nothing bounds it.
        pub const MAX_ENCODED_LEN: __session::Option<usize> = __session::longest(
            <__session::Probe<Self>>::SCHEMA,
        );
    }
    #[automatically_derived]
    #[allow(dead_code, reason = "a field needs no guard")]
    impl Shopper {
        ///The key of `role`, to say in a guard what is expected of it.
        pub const ROLE: __session::Key<Self, Role> = __session::Key::new(
            "role",
            |payload| &payload.role,
        );
        ///The key of `display_name`, to say in a guard what is expected of it.
        const DISPLAY_NAME: __session::Key<Self, String> = __session::Key::new(
            "displayName",
            |payload| &payload.display_name,
        );
        ///The key of `email_verified`, to say in a guard what is expected of it.
        const EMAIL_VERIFIED: __session::Key<Self, Claim<bool>> = __session::Key::new(
            "emailVerified",
            |payload| &payload.email_verified,
        );
    }
    const _: () = __session::check_payload_field::<
        Shopper,
    >(0usize, 0usize, __session::WORDS);
    const _: () = __session::check_payload_field::<
        Shopper,
    >(0usize, 1usize, __session::WORDS);
    const _: () = __session::check_payload_field::<
        Shopper,
    >(0usize, 2usize, __session::WORDS);
    const _: () = __session::check_payload_field::<
        Shopper,
    >(0usize, 3usize, __session::WORDS);
    const _: () = __session::check_payload::<Shopper>();
};
