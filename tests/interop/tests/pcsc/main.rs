//! The virtual card, and the product, behind a real pcscd.

mod changing;
mod client;
mod negative;
mod opensc;
