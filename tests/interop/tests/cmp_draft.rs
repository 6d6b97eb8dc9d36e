//! temporary
#[path = "pcsc/client.rs"]
mod client;
#[path = "pcsc/comparison.rs"]
mod comparison;
#[path = "pcsc/stand.rs"]
mod stand;
