//! The virtual card, and the product, behind a real pcscd.

mod bad_input;
mod changing;
mod cli;
mod client;
mod comparison;
mod myna_card;
mod negative;
mod opensc;
mod pty;
mod stand;
mod status_words;
mod taps;
