//! The virtual card, and the product, behind a real pcscd.

mod changing;
mod cli;
mod client;
mod myna_card;
mod negative;
mod opensc;
mod pty;
