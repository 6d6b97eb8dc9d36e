//! What the card was asked, without what was said.

use core::fmt;

/// The commands that a card was given, in order. It holds no data of commands or responses: no PIN, no
/// certificate, no signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    exchanges: Vec<Exchange>,
}

/// One command and the shape of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// CLA, INS, P1, P2; `None` for bytes that are no command APDU.
    pub header: Option<[u8; 4]>,
    /// Length of the data field, where there is one.
    pub lc: Option<usize>,
    /// Expected length, where there is one: 256 for `00`, 65,536 for the extended `0000`.
    pub le: Option<usize>,
    /// Which application a SELECT by name asked for.
    pub selected: Option<Selected>,
    /// How many bytes came back before the status word.
    pub response: usize,
    /// SW1 SW2.
    pub status: u16,
}

/// The application that a SELECT by name (ISO/IEC 7816-4 §11.2.2) asked for.
///
/// An application's name is in the data field, which a transcript does not hold; but whether a dialogue
/// touched an application matters, so its kind is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selected {
    /// 公的個人認証AP (JPKI AP).
    Jpki,
    /// 券面事項確認AP.
    Surface,
    /// 券面事項入力補助AP, which holds the 個人番号. This product never asks for it.
    TextInput,
    /// 住基AP.
    ResidentRegister,
    /// 共通カードAP.
    Common,
    /// The `GlobalPlatform` issuer domain, selected at power-on.
    IssuerDomain,
    /// Anything else.
    Foreign,
}

impl Transcript {
    /// The exchanges, oldest first.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// How many commands there were.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// The applications that were asked for by name, in order, whether or not the card had them.
    pub fn selected(&self) -> impl Iterator<Item = Selected> + '_ {
        self.exchanges.iter().filter_map(|exchange| exchange.selected)
    }

    pub(crate) fn push(&mut self, exchange: Exchange) {
        self.exchanges.push(exchange);
    }

    pub(crate) fn clear(&mut self) {
        self.exchanges.clear();
    }
}

/// One line for each command.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exchanges.iter().try_for_each(|exchange| writeln!(f, "{exchange}"))
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.header {
            Some([cla, ins, p1, p2]) => write!(f, "{cla:02X} {ins:02X} {p1:02X} {p2:02X}")?,
            None => f.write_str("not a command")?,
        }
        if let Some(lc) = self.lc {
            write!(f, "  Lc {lc}")?;
        }
        if let Some(le) = self.le {
            write!(f, "  Le {le}")?;
        }
        if let Some(selected) = self.selected {
            write!(f, "  {selected}")?;
        }
        f.write_str("  -> ")?;
        if self.response > 0 {
            write!(f, "{} bytes, ", self.response)?;
        }
        write!(f, "{:04X}", self.status)
    }
}

impl fmt::Display for Selected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpki => "JPKI AP",
            Self::Surface => "券面事項確認AP",
            Self::TextInput => "券面事項入力補助AP",
            Self::ResidentRegister => "住基AP",
            Self::Common => "共通カードAP",
            Self::IssuerDomain => "issuer domain",
            Self::Foreign => "foreign application",
        })
    }
}
