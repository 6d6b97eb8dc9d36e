//! The link to a Bluetooth reader: what may go over it.
//!
//! Where everybody near can read along ([`Protection`]), no PIN goes over the link, unless the site's setting says
//! otherwise and staff were warned for this patient. The rule is looked at wherever the screen is: no PIN pad is
//! shown, and no tap starts, against it. What the screen knows of the reader comes with
//! [`Action::ReaderInUse`](crate::Action::ReaderInUse), and may be wrong or missing; a tap is told its own [`Link`].

use ::reader::{Protection, Session};

use crate::{
    ExposedPin, Failure, Method, ReaderInfo,
    state::{Failed, Now, Stage, State, Way},
};

/// What lies between this device and the card of a tap: for [`Counter::tap`](crate::Counter::tap).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The device's own NFC, or a reader at a cable.
    Direct,
    /// A Bluetooth reader, over a link that is worth so much: [`Session::protection`].
    Bluetooth(Protection),
}

impl Link {
    /// The link of this session.
    pub fn of(session: &Session) -> Self {
        Self::Bluetooth(session.protection())
    }

    /// Whether everybody near the reader can read along.
    fn is_exposed(self) -> bool {
        matches!(self, Self::Bluetooth(protection) if !protection.is_confidential())
    }
}

impl State {
    /// The shell says which reader is in use. What stood on the screen because of the last one is over if it holds
    /// no more: nobody has to press anything when a reader is back.
    pub(crate) fn reader_in_use(&mut self, reader: Option<ReaderInfo>) {
        self.reader = reader.map(ReaderInfo::tidy);
        let ready = self.reader.as_ref().is_none_or(|reader| reader.life.is_ready());
        match &self.stage {
            Stage::Exposed if self.link_serves() => self.go_on_with_pin(),
            Stage::Failed(Failed { failure: Failure::LinkNotConfidential, .. }) if self.link_serves() => {
                self.go_on_with_pin();
            }
            Stage::Failed(Failed {
                failure:
                    Failure::ReaderAsleep
                    | Failure::ReaderOutOfReach
                    | Failure::BluetoothOff
                    | Failure::BluetoothNotAllowed,
                way: Way::Hold,
                ..
            }) if ready => self.await_card(None),
            _ => {}
        }
    }

    /// Whether everybody near the reader can read along.
    pub(crate) fn is_exposed(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| !reader.protection.is_confidential())
    }

    /// The methods that may be chosen with this reader, the site's default first.
    pub(crate) fn offered(&self) -> Vec<Method> {
        let pin = !self.is_exposed() || self.settings.exposed_pin == ExposedPin::DangerAfterWarning;
        self.methods().into_iter().filter(|method| pin || *method != Method::Pin).collect()
    }

    /// Whether what this patient's method sends may go over the link that the screen knows of.
    pub(crate) fn link_serves(&self) -> bool {
        !self.is_exposed() || self.may_be_read_along()
    }

    /// Whether everybody near may read along what this patient's method sends.
    fn may_be_read_along(&self) -> bool {
        let pin = self.patient.as_ref().filter(|patient| patient.method == Method::Pin);
        // Nobody is warned where the setting does not let them go on, and it does not change with a patient there.
        pin.is_none_or(|patient| patient.warned)
    }

    /// Whether the tap that is about to start may go over its link. If not, the screen says why.
    pub(crate) fn may_tap_over(&mut self, link: Link, now: Now) -> bool {
        let may = !link.is_exposed() || self.may_be_read_along();
        if !may {
            self.say_exposed(now);
        }
        may
    }

    /// Where a PIN would be typed for this link, or sent over it, against the rule, the screen says so instead.
    ///
    /// A PIN that waits for its card is kept for its minute, because the reader may be changed back. An open tap
    /// goes on only if its card took the PIN already: it ends otherwise, and the PIN with it.
    pub(crate) fn mind_link(&mut self, now: Now) {
        if self.link_serves() {
            return;
        }
        let taken = self.patient.as_ref().is_some_and(|patient| patient.taken);
        match self.stage {
            Stage::HoldCard { .. } if self.tapping && taken => return,
            Stage::HoldCard { .. } if !self.tapping => {}
            Stage::HoldCard { .. } | Stage::PinPad { .. } => self.ask(None),
            _ => return,
        }
        self.say_exposed(now);
    }

    /// The warning where the site wants it, and a failure where no PIN goes over such a link.
    fn say_exposed(&mut self, now: Now) {
        if self.settings.exposed_pin == ExposedPin::DangerAfterWarning {
            self.stage = Stage::Exposed;
        } else {
            let way = if self.holds_pin() { Way::Hold } else { Way::Ask };
            self.fail(Failure::LinkNotConfidential, way, now);
        }
    }

    /// Warned, staff go on.
    pub(crate) fn go_on_warned(&mut self) {
        if let Some(patient) = &mut self.patient {
            patient.warned = true;
        }
        self.go_on_with_pin();
    }

    /// To the card with the PIN that is typed already, or to the pad.
    fn go_on_with_pin(&mut self) {
        if self.holds_pin() { self.await_card(None) } else { self.ask(None) }
    }

    /// Whether a PIN waits for its card, here or in what a lost tap left.
    fn holds_pin(&self) -> bool {
        self.patient.as_ref().is_some_and(|patient| patient.secret.is_some() || patient.interrupted.is_some())
    }
}
