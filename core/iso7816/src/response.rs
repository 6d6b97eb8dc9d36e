//! Response APDUs.

use core::fmt;

use crate::StatusWord;

/// A response APDU (ISO/IEC 7816-4 §5.2): data and status word.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    data: Vec<u8>,
    status: StatusWord,
}

impl Response {
    /// What a card answers.
    pub fn new(data: Vec<u8>, status: StatusWord) -> Self {
        Self { data, status }
    }

    /// Reads a response: any data of at most 65,536 bytes, then SW1 and SW2.
    pub fn parse(bytes: &[u8]) -> Result<Self, MalformedResponse> {
        let (data, &status) = bytes.split_last_chunk().ok_or(MalformedResponse)?;
        if data.len() > 0x1_0000 {
            return Err(MalformedResponse);
        }
        Ok(Self { data: data.to_vec(), status: u16::from_be_bytes(status).into() })
    }

    /// The response as it comes over the line.
    pub fn encode(&self) -> Vec<u8> {
        [&self.data[..], &u16::from(self.status).to_be_bytes()].concat()
    }

    /// The data without the status word.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The data without the status word, to keep.
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// SW1 and SW2.
    pub fn status(&self) -> StatusWord {
        self.status
    }
}

/// Number of bytes and status word: the data may be a certificate or a birth date.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} B, {})", self.data.len(), self.status)
    }
}

/// Bytes that are no response APDU: no status word, or more than 65,536 bytes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a response APDU")]
pub struct MalformedResponse;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_without_a_status_word_is_refused() {
        assert_eq!(Response::parse(&[]), Err(MalformedResponse));
        assert_eq!(Response::parse(&[0x90]), Err(MalformedResponse));
        assert_eq!(Response::parse(&vec![0; 0x1_0003]), Err(MalformedResponse));
        assert!(Response::parse(&vec![0; 0x1_0002]).is_ok());
    }

    #[test]
    fn debug_shows_no_data() {
        let response = Response::new(b"canary".to_vec(), StatusWord::Success);
        assert_eq!(format!("{response:?}"), "Response(6 B, 9000)");
    }

    proptest! {
        #[test]
        fn responses_come_back_as_they_went(bytes in prop::collection::vec(any::<u8>(), 2..600)) {
            let response = Response::parse(&bytes).expect("it has a status word");
            prop_assert_eq!(response.encode(), bytes);
        }
    }
}
