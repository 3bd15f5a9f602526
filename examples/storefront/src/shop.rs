//! The shop: who comes, and what there is.

use serde::Serialize;

use crate::session::{Role, Visitor};

#[derive(Serialize)]
pub(crate) struct Person {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) role: Role,
}

#[derive(Serialize)]
pub(crate) struct Product {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// In cents, for 100 g.
    pub(crate) price: u32,
    /// The colour of its tin.
    pub(crate) hue: u16,
}

pub(crate) const PEOPLE: [Person; 3] = [
    Person { id: "mira", name: "Mira", about: "drinks green tea only", role: Role::Shopper },
    Person { id: "tomas", name: "Tomás", about: "buys for the whole office", role: Role::Shopper },
    Person { id: "june", name: "June", about: "runs the shop", role: Role::Staff },
];

pub(crate) const PRODUCTS: [Product; 6] = [
    Product { id: "sencha", name: "Sencha", about: "Steamed, grassy, a little sea", price: 980, hue: 120 },
    Product { id: "assam", name: "Assam", about: "Malt and copper, takes milk", price: 720, hue: 18 },
    Product { id: "oolong", name: "Oolong", about: "Half way, with a hint of lilac", price: 1240, hue: 275 },
    Product { id: "earl-grey", name: "Earl Grey", about: "Bergamot, cold-pressed", price: 790, hue: 215 },
    Product { id: "chamomile", name: "Chamomile", about: "Whole flowers, for evenings", price: 640, hue: 48 },
    Product { id: "rooibos", name: "Rooibos", about: "Red bush, vanilla, no caffeine", price: 590, hue: 350 },
];

pub(crate) fn person(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}

pub(crate) fn product(id: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.id == id)
}

impl Person {
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor { name: self.name.to_owned(), role: self.role, club: false, confirmed: false }
    }
}
