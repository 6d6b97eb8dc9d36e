//! Digits that a person types: the card's PIN and the birth date that opens its face.

use core::fmt;

use zeroize::Zeroizing;

/// A key that is not one of 0 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADigit;

impl fmt::Display for NotADigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal digit")
    }
}

impl core::error::Error for NotADigit {}

/// `N` decimal digits as the card takes them: ASCII.
struct Digits<const N: usize>(Zeroizing<[u8; N]>);

impl<const N: usize> Digits<N> {
    fn new(digits: [u8; N]) -> Result<Self, NotADigit> {
        let digits = Zeroizing::new(digits);
        let mut ascii = Zeroizing::new([0; N]);
        for (to, from) in ascii.iter_mut().zip(digits.iter()) {
            if *from > 9 {
                return Err(NotADigit);
            }
            *to = b'0' + from;
        }
        Ok(Self(ascii))
    }
}

/// The four digits of the PIN of the 利用者証明用 key (reference 0018).
pub struct Pin(Digits<4>);

impl Pin {
    /// From four values 0 to 9, in the order in which they were typed.
    pub fn from_digits(digits: [u8; 4]) -> Result<Self, NotADigit> {
        Digits::new(digits).map(Self)
    }

    /// The digits as VERIFY carries them.
    pub fn as_ascii(&self) -> &[u8; 4] {
        &self.0.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(redacted)")
    }
}

/// The six digits YYMMDD of a birth date in the Japanese era printed on the card: the 照合番号 of
/// reference 0011 of 券面事項確認AP.
pub struct BirthDigits(Digits<6>);

impl BirthDigits {
    /// From six values 0 to 9: year of the era, month, day.
    pub fn from_digits(digits: [u8; 6]) -> Result<Self, NotADigit> {
        Digits::new(digits).map(Self)
    }

    /// The digits as VERIFY carries them.
    pub fn as_ascii(&self) -> &[u8; 6] {
        &self.0.0
    }
}

impl fmt::Debug for BirthDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDigits(redacted)")
    }
}

/// What has been typed so far on a pad of digits, at most `N` of them.
///
/// The screen is told how many there are, never which.
pub struct DigitPad<const N: usize> {
    digits: Zeroizing<Vec<u8>>,
}

impl<const N: usize> DigitPad<N> {
    /// An empty pad.
    pub fn new() -> Self {
        // The room is taken at once: a growing vector would leave copies behind.
        Self { digits: Zeroizing::new(Vec::with_capacity(N)) }
    }

    /// Adds a digit; one more than `N` is ignored, as a full pad ignores it.
    pub fn push(&mut self, digit: u8) -> Result<(), NotADigit> {
        if digit > 9 {
            return Err(NotADigit);
        }
        if self.digits.len() < N {
            self.digits.push(digit);
        }
        Ok(())
    }

    /// Takes the last digit back.
    pub fn erase(&mut self) {
        if let Some(last) = self.digits.last_mut() {
            *last = 0;
        }
        self.digits.pop();
    }

    /// How many digits stand on the pad.
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// Whether nothing has been typed.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// All `N` digits, if they are there. The pad is empty afterwards.
    pub fn take(&mut self) -> Option<Zeroizing<[u8; N]>> {
        let mut digits = Zeroizing::new([0; N]);
        if self.digits.len() != N {
            return None;
        }
        digits.copy_from_slice(&self.digits);
        *self = Self::new();
        Some(digits)
    }
}

impl<const N: usize> Default for DigitPad<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Debug for DigitPad<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigitPad(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pad_takes_as_many_digits_as_it_has_room_for() {
        let mut pad = DigitPad::<4>::new();
        for digit in [1, 2, 3, 4, 5] {
            pad.push(digit).expect("a digit");
        }
        assert_eq!(pad.len(), 4);
        assert_eq!(pad.take().as_deref(), Some(&[1, 2, 3, 4]));
        assert!(pad.is_empty());
    }

    #[test]
    fn a_pad_never_grows_however_it_was_made() {
        for mut pad in [DigitPad::<6>::new(), DigitPad::default()] {
            let room = pad.digits.capacity();
            assert!(room >= 6);
            for digit in [1, 2, 3, 4, 5, 6, 7] {
                pad.push(digit).expect("a digit");
            }
            assert_eq!(pad.digits.capacity(), room, "a vector that grew has left a copy behind");
        }
    }

    #[test]
    fn an_unfinished_pad_gives_nothing_and_keeps_what_was_typed() {
        let mut pad = DigitPad::<4>::new();
        pad.push(7).expect("a digit");
        pad.push(8).expect("a digit");
        pad.erase();
        assert!(pad.take().is_none());
        assert_eq!(pad.len(), 1);
    }

    #[test]
    fn what_is_no_digit_is_refused() {
        assert_eq!(DigitPad::<4>::new().push(10), Err(NotADigit));
        assert!(Pin::from_digits([1, 2, 3, 10]).is_err());
        assert!(BirthDigits::from_digits([10; 6]).is_err());
    }

    #[test]
    fn debug_shows_nothing() {
        let pin = Pin::from_digits([9, 8, 7, 6]).expect("digits");
        let birth = BirthDigits::from_digits([5, 5, 0, 2, 1, 7]).expect("digits");
        let text = format!("{pin:?} {birth:?} {:?}", DigitPad::<4>::new());
        assert!(!text.contains(|c: char| c.is_ascii_digit()), "{text}");
    }
}
