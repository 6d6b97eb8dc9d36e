//! What is to be heard and felt: that the card may be taken away, and that something went wrong.
//!
//! A screen is drawn again and again, and a cue is given once. So each has a number, and it is on the screen for
//! a moment only: a shell that starts anew does not give it late.

use std::time::Duration;

use crate::{
    render::Painter,
    screen::{Cue, CueKind, SwitchView},
    state::{LastCue, Now, State},
};

/// For so long a cue is on the screen.
const CUE_LIFE: Duration = Duration::from_secs(2);

impl State {
    /// Something is to be heard and felt now.
    pub(crate) fn give_cue(&mut self, kind: CueKind, now: Now) {
        self.last_cue = LastCue { number: self.last_cue.number + 1, given: Some((kind, now.steady)) };
    }
}

impl Painter<'_> {
    pub(crate) fn cue(&self) -> Option<Cue> {
        let LastCue { number, given } = self.state.last_cue;
        let (kind, at) = given?;
        let sound = self.state.config.cues.sound && !self.state.settings.without_sounds;
        let vibration = self.state.config.cues.vibration && !self.state.settings.without_vibration;
        let now = self.now.steady < at + CUE_LIFE;
        (now && (sound || vibration)).then_some(Cue { number, kind, sound, vibration })
    }

    /// In the settings, on a device that can be heard.
    pub(crate) fn sounds_switch(&self) -> Option<SwitchView> {
        let on = !self.state.settings.without_sounds;
        self.state.config.cues.sound.then(|| self.cue_switch("label-sounds", on))
    }

    /// In the settings, on a device that can be felt.
    pub(crate) fn vibration_switch(&self) -> Option<SwitchView> {
        let on = !self.state.settings.without_vibration;
        self.state.config.cues.vibration.then(|| self.cue_switch("label-vibration", on))
    }

    fn cue_switch(&self, label: &str, on: bool) -> SwitchView {
        SwitchView { label: self.text(label), hint: None, on, enabled: true }
    }
}
