//! A shell that holds nothing but what the bindings export, against the sandbox service: what goes well, and what a shell
//! can do wrong.

mod check;
mod log;
mod phone;
mod ports;
mod reader;
mod threads;
