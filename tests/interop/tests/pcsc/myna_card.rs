//! The crate `myna-card` 3.3, whose author measured real cards: what it reads, opens and signs.
//!
//! It knows more of the card than any other public client, and most of what the virtual card does rests on its
//! report alone. So it finds here what it says of itself: these tests show that the virtual card was built as it
//! was read, and not that a card is so.
//!
//! Its trust anchors are those of J-LIS, compiled in, and it accepts no card of ours by them. Where its checks
//! take a key from outside, they get that of the sandbox.

mod jpki;
mod messaging;
mod printed;

use interop::{Daemon, Slot, personalised};
use myna_card::transport::pcsc::{PcscTransport, Sharing, connect};
use myna_card::{Error, Pin, RsaPublicKey};
use sandbox_card::VirtualCard;
use sandbox_pki::Anchor;
use sandbox_reader::{Inserted, Interface, Plugged};

/// All 4-digit PINs of a test card.
const PIN: &str = "1234";
/// 署名用パスワード of 山田花子.
const PASSWORD: &str = "ABC123";
/// 照合番号A and B of 山田花子.
const CODE_A: &str = "993041043374";
const CODE_B: &str = "55021720311663";

type Client = myna_card::Card<PcscTransport>;

/// A person's card in a reader.
struct Bench {
    // The card goes before the daemon does.
    inserted: Inserted<Plugged>,
    daemon: Daemon,
}

impl Bench {
    fn with(slug: &str) -> Self {
        let daemon = Daemon::start();
        let inserted = daemon.insert(Slot::First, personalised(slug, Interface::Contactless));
        Self { inserted, daemon }
    }

    /// `myna-card`, alone with the card.
    fn connect() -> Client {
        let reader = Slot::First.reader().to_str().expect("a name in ASCII");
        connect(reader, Sharing::Exclusive).expect("a card is in the reader")
    }

    fn card(&self) -> VirtualCard {
        self.inserted.with(|plugged| plugged.card.clone())
    }

    /// The card is taken out and put back: it has lost its power.
    fn put_in_again(self) -> Self {
        let Self { inserted, daemon } = self;
        let card = inserted.remove();
        daemon.wait_until(Slot::First, pcsc::State::EMPTY);
        let inserted = daemon.insert(Slot::First, card);
        Self { inserted, daemon }
    }
}

fn pin(text: &str) -> Pin {
    Pin::new(text).expect("a PIN")
}

/// The status word that the client passed on.
#[track_caller]
fn refused<T>(result: Result<T, Error>) -> u16 {
    match result {
        Err(Error::Status(status)) => status.value(),
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

fn key_of(anchor: Anchor) -> RsaPublicKey {
    RsaPublicKey { exponent: vec![0x01, 0x00, 0x01], modulus: anchor.modulus }
}
