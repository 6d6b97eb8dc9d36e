//! The steps of a script, by their byte; others are taken modulo their number.

/// All that happens by itself, without any time.
pub(super) const FLOWS: u8 = 0;
/// The next thing of that.
pub(super) const HAPPENS: u8 = 1;
/// The shell asks for power.
pub(super) const POWER_ON: u8 = 2;
/// And takes it.
pub(super) const POWER_OFF: u8 = 3;
/// The shell gives a command: counted bytes.
pub(super) const TRANSMIT: u8 = 4;
/// The reader says something else than it would: counted bytes.
pub(super) const SAYS: u8 = 5;
/// It says what it would, with a byte changed: where, and which bits.
pub(super) const SAYS_CHANGED: u8 = 6;
/// It says so many bytes of it.
pub(super) const SAYS_PART: u8 = 7;
/// That does not arrive.
pub(super) const SAYS_NOTHING: u8 = 8;
/// That arrives again.
pub(super) const SAYS_AGAIN: u8 = 9;
/// The platform writes all there is to be written; nothing of it arrives.
pub(super) const SWALLOWS: u8 = 10;
/// The platform says once more that it has written.
pub(super) const WRITTEN: u8 = 11;
/// Time passes: a long number of four milliseconds each.
pub(super) const WAIT: u8 = 12;
/// Time passes up to the deadline.
pub(super) const DEADLINE: u8 = 13;
/// The link is gone.
pub(super) const DISCONNECTED: u8 = 14;
/// Connects, with a new session if the last one is over.
pub(super) const CONNECT: u8 = 15;
/// The battery has another level: a number.
pub(super) const BATTERY: u8 = 16;
/// The serial number is read: counted bytes.
pub(super) const TELLS: u8 = 17;
/// The shell asks for the firmware.
pub(super) const FIRMWARE: u8 = 18;
/// And for the serial number.
pub(super) const SERIAL: u8 = 19;
/// It tells a sleep delay: which.
pub(super) const SLEEP: u8 = 20;
/// It says goodbye.
pub(super) const GOODBYE: u8 = 21;
/// A card is put in.
pub(super) const INSERT: u8 = 22;
/// It is taken out.
pub(super) const REMOVE: u8 = 23;
/// Something will go wrong: a place, and three numbers that say what.
pub(super) const FAULT: u8 = 24;
/// How many steps there are.
pub(super) const STEPS: u8 = 25;
