#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl<T: Ord> __session::SessionData for Visit<T>
    where
        T: __session::Serialize + __session::DeserializeOwned + __session::Default
            + __session::Send + __session::Sync + 'static,
    {
        const KIND: &'static str = "visit";
        const SCHEMA: &'static __session::Schema = {
            #[allow(unused_imports, reason = "only types without a schema need it")]
            use __session::NoSchema as _;
            &__session::Schema::Object {
                name: "Visit",
                fields: &[
                    __session::Field {
                        name: "lastPage",
                        schema: __session::known_or(
                            <__session::Probe<T>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "T",
                            },
                        ),
                        ..__session::FIELD
                    },
                    __session::Field {
                        name: "clicks",
                        schema: __session::known_or(
                            <__session::Probe<u64>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "u64",
                            },
                        ),
                        ..__session::FIELD
                    },
                    __session::Field {
                        name: "style",
                        schema: __session::known_or(
                            <__session::Probe<String>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "String",
                            },
                        ),
                        ..__session::FIELD
                    },
                    __session::Field {
                        name: "note",
                        schema: __session::known_or(
                            <__session::Probe<String>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "String",
                            },
                        ),
                        ..__session::FIELD
                    },
                    __session::Field {
                        name: "more",
                        schema: __session::known_or(
                            <__session::Probe<More>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "More",
                            },
                        ),
                        flatten: true,
                        ..__session::FIELD
                    },
                ],
            }
        };
        const FIELDS: &'static [__session::DataField<Self>] = &[
            __session::DataField::<
                Self,
            >::new(
                    "lastPage",
                    |mine, theirs| __session::swap(
                        &mut mine.last_page,
                        &mut theirs.last_page,
                    ),
                )
                .merged(|base, mine, theirs| {
                    __session::settle::<
                        T,
                    >(
                        __session::greatest::<T>,
                        &base.last_page,
                        &mine.last_page,
                        &mut theirs.last_page,
                    )
                }),
            __session::DataField::<
                Self,
            >::new(
                    "clicks",
                    |mine, theirs| __session::swap(&mut mine.clicks, &mut theirs.clicks),
                )
                .merged(|base, mine, theirs| {
                    __session::settle::<
                        u64,
                    >(
                        <u64 as __session::Counter>::add,
                        &base.clicks,
                        &mine.clicks,
                        &mut theirs.clicks,
                    )
                }),
            __session::DataField::<
                Self,
            >::new(
                    "style",
                    |mine, theirs| __session::swap(&mut mine.theme, &mut theirs.theme),
                )
                .last(),
            __session::DataField::<
                Self,
            >::new(
                "note",
                |mine, theirs| __session::swap(&mut mine.note, &mut theirs.note),
            ),
            __session::DataField::<
                Self,
            >::rest(|mine, theirs| __session::swap(&mut mine.more, &mut theirs.more)),
        ];
    }
};
