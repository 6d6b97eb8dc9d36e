//! The whole house: real cards, the real core, the real service over real TLS.

mod actions;
mod attested;
mod canaries;
mod enrolment;
mod exports;
mod failures;
mod guide;
mod issuer;
mod keys;
mod lengths;
mod links;
mod login;
mod network;
mod persons;
mod phone;
mod repeat;
mod support;
mod tries;
