#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    reason = "generated code"
)]
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::SessionData for Cart {
        const KIND: &'static str = "cart";
        const VERSION: u32 = 2;
        const UNREADABLE: __session::Unreadable = __session::Unreadable::Reset;
        const SCHEMA: &'static __session::Schema = {
            #[allow(unused_imports, reason = "only types without a schema need it")]
            use __session::NoSchema as _;
            &__session::Schema::Object {
                name: "Cart",
                fields: &[
                    __session::Field {
                        name: "items",
                        schema: __session::known_or(
                            <__session::Probe<Vec<Item>>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "Vec<Item>",
                            },
                        ),
                        ..__session::FIELD
                    },
                    __session::Field {
                        name: "card",
                        schema: __session::known_or(
                            <__session::Probe<Option<Secret<String>>>>::SCHEMA,
                            &__session::Schema::Opaque {
                                name: "Option<Secret<String>>",
                            },
                        ),
                        may_be_absent: true,
                        ..__session::FIELD
                    },
                ],
            }
        };
        const FIELDS: &'static [__session::DataField<Self>] = &[
            __session::DataField::<
                Self,
            >::new(
                "items",
                |mine, theirs| __session::swap(&mut mine.items, &mut theirs.items),
            ),
            __session::DataField::<
                Self,
            >::new(
                "card",
                |mine, theirs| __session::swap(&mut mine.card, &mut theirs.card),
            ),
        ];
        fn from_older(
            version: u32,
            json: &str,
        ) -> __session::Result<Self, __session::PayloadError> {
            __session::data_from::<CartV1, Self>(version, json)
        }
    }
    const _: () = __session::check_data::<Cart>();
    const _: () = {
        #[allow(unused_imports, reason = "only types that are no payload need it")]
        use __session::NoSchema as _;
        __session::check_only_data(<__session::Probe<Cart>>::IS_PAYLOAD)
    };
    const _: () = __session::check_data_from::<CartV1, Cart>();
};
