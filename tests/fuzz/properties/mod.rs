//! What holds for any input. A property panics where it does not.
//!
//! The fuzzer looks for an input that breaks one (`cargo xtask fuzz`); the test
//! `fuzz` tries the committed seeds, among them whatever was once found.

mod claims;
mod graphql;
mod path;
mod policy;
mod router;
mod token;

pub use self::{
    claims::claims, graphql::graphql, path::path, policy::policy, router::router, token::token,
};

/// A property of an input.
pub type Property = fn(&[u8]);

/// Every property, by the name of its target and of its folder of seeds.
pub const ALL: [(&str, Property); 6] = [
    ("claims", claims),
    ("graphql", graphql),
    ("path", path),
    ("policy", policy),
    ("router", router),
    ("token", token),
];
