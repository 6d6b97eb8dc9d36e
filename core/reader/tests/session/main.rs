//! Sessions with readers whose bytes were computed elsewhere.

mod acs;
mod any_bytes;
mod bench;
mod card_events;
mod ccid;
mod docs;
mod faults;
