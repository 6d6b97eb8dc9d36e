//! A shell without a screen, and the world around it: what the demo and the tests that need the whole house
//! stand on.
//!
//! A [`Desk`] does what a shell on a phone does: it opens a [`Counter`](counter::Counter) with its ports, sends
//! actions, runs the work that a screen asks for, and loops over a tap while a card is held. The card is a
//! [`VirtualCard`](sandbox_card::VirtualCard) in the same process. A [`World`] is the sandbox service on loopback,
//! with one institution.
//!
//! It contains no rule of the counter, and it is no product: its device key lies in memory.

mod hands;
mod soft_key;
mod tour;
mod world;

pub use hands::{Desk, Held, PASSCODE};
pub use soft_key::SoftKey;
pub use tour::{Failed, Tour};
pub use world::{INSTITUTION, World};
