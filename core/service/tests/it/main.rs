//! The protocol's formats, and the client against a real TLS server that follows a script.

mod binding;
mod connection;
mod document;
mod enrolment;
mod formats;
mod journal;
mod pki;
mod server;
