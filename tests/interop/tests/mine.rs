//! temporary
#[path = "pcsc/bad_input.rs"]
mod bad_input;
#[path = "pcsc/stand.rs"]
mod stand;
#[path = "pcsc/status_words.rs"]
mod status_words;
#[path = "pcsc/taps.rs"]
mod taps;
