//! The codecs of the app and the virtual readers, which were written apart, meet.

mod customer_key;
mod desk;
mod keys;
mod lies;
mod life;
mod meeting;
mod mishaps;
mod support;
mod swaps;
mod sweeps;
mod tries;
