//! The types of the core as they cross, name by name.
//!
//! UniFFI makes its code from these declarations, which are not compiled themselves. A field or variant that is missing
//! here, or too many, is an error of the compiler: a match without it is not exhaustive, a value without it not whole.

mod action;
mod export;
mod reader;
mod result_view;
mod screen;
mod words;

pub use words::{KnownFailure, known_failures};
