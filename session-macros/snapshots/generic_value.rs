#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl<T: Clone, const N: usize> __session::ClaimValue for Pair<T, N>
    where
        T: Copy,
        T: __session::ClaimValue,
    {
        type Form = __session::Plain;
        const SCHEMA: &'static __session::Schema = &__session::Schema::Object {
            name: "Pair",
            fields: &[
                __session::Field {
                    name: "id",
                    schema: &__session::Schema::Limited {
                        inner: __session::checked(
                            <u64 as __session::ClaimValue>::SCHEMA,
                            "id",
                            __session::Limits {
                                max: __session::Some(LIMIT as i128),
                                ..__session::LIMITS
                            },
                            __session::WORDS,
                        ),
                        limits: __session::Limits {
                            max: __session::Some(LIMIT as i128),
                            ..__session::LIMITS
                        },
                    },
                    ..__session::FIELD
                },
                __session::Field {
                    name: "items",
                    schema: __session::checked(
                        <[T; N] as __session::ClaimValue>::SCHEMA,
                        "items",
                        __session::LIMITS,
                        __session::WORDS,
                    ),
                    ..__session::FIELD
                },
            ],
        };
    }
};
