//! Answers that the virtual card does not give: from odd cards, broken lines, or nobody.
//!
//! Each test scripts the few answers that matter. What follows the card's rules is tested with the virtual
//! card instead.

use jpki::{Method, Step, Tap, TapError};

use crate::support::{RIGHT, birth, hex, is_verify, pin, play, play_to, play_until, to_sign, told};

const SELECT_JPKI: &str = "00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01";
const SELECT_VISUAL: &str = "00 A4 04 0C 0A D3 92 10 00 31 00 01 01 04 02";
const SELECT_CERTIFICATE: &str = "00 A4 02 0C 02 00 0A";
const HEAD: &str = "00 B0 8A 00 00";
const LABEL: &str = "00 B0 86 00 20";
const FLAGS: &str = "00 B0 88 00 03";
const COUNTER: &str = "00 20 00 98";
const VERIFY: &str = "00 20 00 98 04";
const SIGN: &str = "80 2A 00 97";

/// A card on paper: for the start of a command, the answers in turn; the last one stays.
///
/// As it comes, it does what the PIN dialogue wants of it: a certificate of 600 bytes, three tries.
struct Paper {
    answers: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    seen: Vec<Vec<u8>>,
}

impl Paper {
    fn new() -> Self {
        Self::holding(&certificate(600))
    }

    fn holding(certificate: &[u8]) -> Self {
        let mut paper = Self { answers: Vec::new(), seen: Vec::new() };
        paper.set("00 A4", &["90 00"]);
        paper.give(HEAD, vec![data(&certificate[..256])]);
        for (number, piece) in certificate.chunks(256).enumerate() {
            // Le is exactly what is missing; 256 is written 00.
            paper.give(&format!("00 B0 {number:02X} 00 {:02X}", piece.len() % 256), vec![data(piece)]);
        }
        paper.set(COUNTER, &["63 C3"]);
        paper.set(VERIFY, &["90 00"]);
        paper.give("80 2A", vec![data(&[0x51; 256])]);
        paper
    }

    fn with(mut self, command: &str, answers: &[&str]) -> Self {
        self.set(command, answers);
        self
    }

    fn set(&mut self, command: &str, answers: &[&str]) {
        self.give(command, answers.iter().map(|answer| hex(answer)).collect());
    }

    fn give(&mut self, command: &str, answers: Vec<Vec<u8>>) {
        self.answers.push((hex(command), answers));
    }

    /// The answers to the longest start that fits, of two equal ones the later.
    fn transceive(&mut self, command: &[u8]) -> Vec<u8> {
        self.seen.push(command.to_vec());
        let rules = self.answers.iter_mut().filter(|(start, _)| command.starts_with(start));
        let (_, answers) = rules
            .max_by_key(|(start, _)| start.len())
            .unwrap_or_else(|| panic!("not scripted: {command:02X?}"));
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }

    fn play(&mut self, method: Method) -> Result<jpki::Evidence, TapError> {
        play(&mut Tap::new(method, to_sign(0)), |command| self.transceive(command))
    }

    fn fails(mut self, method: Method) -> (TapError, Self) {
        (self.play(method).expect_err("a failure"), self)
    }

    fn saw(&self, command: &str) -> usize {
        let start = hex(command);
        self.seen.iter().filter(|seen| seen.starts_with(&start)).count()
    }
}

fn certificate(length: u16) -> Vec<u8> {
    let [high, low] = (length - 4).to_be_bytes();
    let mut certificate = vec![0x30, 0x82, high, low];
    certificate.resize(length.into(), 0xCE);
    certificate
}

fn data(data: &[u8]) -> Vec<u8> {
    [data, &[0x90, 0x00]].concat()
}

/// `"6A 86"` → `0x6A86`.
fn word(status: &str) -> u16 {
    u16::from_be_bytes(hex(status).try_into().expect("two bytes"))
}

fn unreadable(ins: u8, status: u16) -> TapError {
    TapError::Unreadable { ins, status }
}

#[test]
fn the_paper_card_works() {
    let mut paper = Paper::new();
    let evidence = paper.play(pin(RIGHT)).expect("evidence");
    assert_eq!(evidence.certificate, Some(certificate(600)));
    assert_eq!(paper.seen.len(), 7);
    assert_eq!(paper.seen[3], hex("00 20 00 98 04 31 32 33 34"));
    assert_eq!(paper.seen[4].len(), 57);
    assert!(
        paper.seen[4]
            .starts_with(&hex("80 2A 00 97 33 30 31 30 0D 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20"))
    );
}

#[test]
fn a_tap_may_move_between_threads() {
    let tap = Tap::new(pin(RIGHT), to_sign(0));
    let outcome = std::thread::spawn(move || {
        let mut tap = tap;
        let mut paper = Paper::new();
        play(&mut tap, |command| paper.transceive(command)).is_ok()
    });
    assert!(outcome.join().expect("no panic"));
}

#[test]
fn a_first_command_answered_6f00_is_repeated_once() {
    let mut paper = Paper::new().with(SELECT_JPKI, &["6F 00", "90 00"]);
    paper.play(pin(RIGHT)).expect("evidence");
    let (error, paper) = Paper::new().with(SELECT_JPKI, &["6F 00"]).fails(pin(RIGHT));
    assert_eq!(error, unreadable(0xA4, 0x6F00));
    assert_eq!(paper.seen.len(), 2);
}

#[test]
fn other_cards_are_not_my_number_cards() {
    for status in ["6A 82", "6A 86", "6D 00", "6E 00"] {
        assert_eq!(Paper::new().with(SELECT_JPKI, &[status]).fails(pin(RIGHT)).0, TapError::NotMyNumberCard);
    }
}

/// A card on which both forms of reading the head of EF 000A end as told.
fn headless(short: &str, select: &str, read: &str) -> Paper {
    Paper::new().with(HEAD, &[short]).with(SELECT_CERTIFICATE, &[select]).with("00 B0 00 00 00", &[read])
}

#[test]
fn a_certificate_behind_the_pin_ends_every_method_and_no_label_is_read() {
    for method in [|| pin(RIGHT), || birth([5, 5, 0, 2, 1, 7]), || Method::VisualAttested] {
        let (error, paper) = headless("69 82", "90 00", "69 82").fails(method());
        assert_eq!(error, TapError::CertificateNeedsPin);
        assert_eq!((paper.seen.len(), paper.saw(LABEL), paper.saw("00 20")), (4, 0, 0));
        assert_eq!(headless("69 82", "69 82", "90 00").fails(method()).0, TapError::CertificateNeedsPin);
    }
}

#[test]
fn a_card_without_a_certificate_is_told() {
    for (short, select, read) in [
        ("6A 82", "6A 82", "69 86"),
        ("6A 86", "6A 82", "69 86"),
        ("6B 00", "90 00", "6B 00"),
        ("6A 82", "90 00", "6B 00"),
        ("6A 86", "90 00", "90 00"),
        ("6A 86", "90 00", "62 82"),
        ("90 00", "90 00", "90 00"),
    ] {
        let (error, paper) = headless(short, select, read).fails(pin(RIGHT));
        assert_eq!(error, TapError::NoCertificate, "{short}, {select}, {read}");
        assert_eq!(paper.saw("00 20"), 0);
    }
}

/// Words with which a card might refuse a short identifier.
const REFUSALS: [&str; 12] = [
    "6A 82", "6A 86", "6A 88", "6B 00", "67 00", "69 81", "69 82", "69 85", "69 86", "6D 00", "6F 00",
    "12 34",
];

#[test]
fn a_read_that_refuses_the_short_identifier_goes_on_with_select_before_any_verify() {
    for status in REFUSALS {
        let mut paper = Paper::new().with(HEAD, &[status]).with("00 20 00 80", &["63 C3", "90 00"]);
        let evidence = paper.play(pin(RIGHT)).expect("evidence");
        assert_eq!(evidence.certificate, Some(certificate(600)), "{status}");
        assert_eq!((paper.saw(HEAD), paper.saw(SELECT_CERTIFICATE)), (1, 1), "{status}");
        assert_eq!((paper.saw("00 20 00 98"), paper.saw("00 20 00 80 04"), paper.saw(SIGN)), (0, 1, 0));
    }
}

#[test]
fn a_card_with_jpki_and_without_a_face_is_told_by_its_label() {
    for (text, status, expected) in [
        ("JPKIAPIOSTOKEN", "6A 82", TapError::SmartphoneCard),
        ("JPKIAPICCTOKEN", "6A 82", TapError::NotMyNumberCard),
        ("JPKIAPICCTOKEN", "69 85", unreadable(0xA4, 0x6985)),
    ] {
        let mut paper = Paper::new().with(SELECT_VISUAL, &[status]);
        paper.give(LABEL, vec![data(format!("{text:<32}").as_bytes())]);
        assert_eq!(paper.fails(birth([1, 2, 3, 4, 5, 6])).0, expected);
    }
}

#[test]
fn a_certificate_of_an_impossible_length_is_unreadable() {
    for head in [
        certificate(4097)[..256].to_vec(),
        certificate(255).repeat(2)[..256].to_vec(),
        vec![0x30; 256],
        vec![0x04; 256],
        certificate(600)[..255].to_vec(), // shorter than the file says
        certificate(600)[..3].to_vec(),
        certificate(600)[..257].to_vec(), // longer than was asked for
    ] {
        let mut paper = Paper::new();
        paper.give(HEAD, vec![data(&head)]);
        paper.give("00 B0 00 00 00", vec![data(&head)]);
        let (error, paper) = paper.fails(pin(RIGHT));
        assert_eq!(error, unreadable(0xB0, 0x9000));
        assert_eq!(paper.saw(COUNTER), 0);
    }
}

#[test]
fn a_certificate_of_1792_bytes_takes_eleven_commands() {
    for (length, commands) in [(256, 5), (257, 6), (1590, 11), (1792, 11), (1793, 12), (4096, 20)] {
        let mut paper = Paper::holding(&certificate(length));
        let evidence = paper.play(pin(RIGHT)).expect("evidence");
        assert_eq!(evidence.certificate, Some(certificate(length)));
        assert_eq!(paper.seen.len(), commands, "{length} B");
    }
}

#[test]
fn a_certificate_of_1792_bytes_takes_fifteen_commands_the_other_way() {
    let counter = ["63 C3", "90 00"];
    // Refused at the first READ, at the counter, at the signature.
    for (refused, commands) in [(HEAD, 15), (COUNTER, 15), (SIGN, 14)] {
        let paper = Paper::holding(&certificate(1792)).with("00 20 00 80", &counter);
        let mut paper = paper.with(refused, &["6A 86"]);
        paper.play(pin(RIGHT)).expect("evidence");
        assert_eq!(paper.seen.len(), commands, "{refused}");
    }
}

#[test]
fn a_piece_of_another_length_is_unreadable() {
    for piece in [&[0xCE; 255][..], &[0xCE; 257], &[]] {
        let mut paper = Paper::new();
        paper.give("00 B0 01 00 00", vec![data(piece)]);
        assert_eq!(paper.fails(Method::VisualAttested).0, unreadable(0xB0, 0x9000));
    }
}

#[test]
fn a_signature_of_another_length_is_unreadable() {
    for signature in [&[0x51; 255][..], &[]] {
        let mut paper = Paper::new();
        paper.give("80 2A", vec![data(signature)]);
        assert_eq!(paper.fails(pin(RIGHT)).0, unreadable(0x2A, 0x9000));
    }
}

#[test]
fn a_file_that_verify_or_sign_moved_away_from_is_selected_again() {
    for status in ["69 81", "69 86", "6A 82"] {
        let mut paper = Paper::new();
        let piece = certificate(600)[256..512].to_vec();
        paper.give("00 B0 01 00 00", vec![hex(status), data(&piece)]);
        let evidence = paper.play(pin(RIGHT)).expect("evidence");
        assert_eq!(evidence.certificate, Some(certificate(600)));
        assert_eq!(paper.saw(SELECT_CERTIFICATE), 1);
        assert_eq!(paper.seen.len(), 9);
    }
}

#[test]
fn where_only_the_signature_refuses_the_short_identifier_the_key_is_selected() {
    for status in REFUSALS {
        let mut paper = Paper::new().with(SIGN, &[status]);
        paper.play(pin(RIGHT)).expect("evidence");
        assert_eq!(paper.saw("00 A4 02 0C 02 00 17"), 1);
        assert_eq!((paper.saw(SIGN), paper.saw("80 2A 00 80")), (1, 1));
        assert_eq!(paper.saw(VERIFY), 1);

        let (error, paper) = Paper::new().with("80 2A", &[status]).fails(pin(RIGHT));
        assert_eq!(error, unreadable(0x2A, word(status)));
        assert_eq!((paper.saw("80 2A"), paper.saw(VERIFY)), (2, 1), "once more and no further");
    }
}

#[test]
fn a_counter_that_refuses_the_short_identifier_decides_the_form_of_verify() {
    for status in REFUSALS {
        let mut paper = Paper::new().with(COUNTER, &[status]).with("00 20 00 80", &["63 C3", "90 00"]);
        paper.play(pin(RIGHT)).expect("evidence");
        assert_eq!(paper.saw(VERIFY), 0);
        assert_eq!(paper.saw("00 20 00 80 04"), 1);
        assert_eq!(paper.saw(SIGN), 0);

        let (error, paper) =
            Paper::new().with(COUNTER, &[status]).with("00 20 00 80", &[status]).fails(pin(RIGHT));
        assert_eq!(error, unreadable(0x20, word(status)));
        assert_eq!((paper.saw(VERIFY), paper.saw("00 20 00 80 04")), (0, 0));
    }
}

#[test]
fn a_verify_is_never_repeated_nor_tried_in_another_form() {
    for status in ["6A 86", "6A 88", "67 00", "69 82", "69 85", "6D 00", "6F 00", "12 34"] {
        let (error, paper) = Paper::new().with(VERIFY, &[status]).fails(pin(RIGHT));
        assert_eq!(error, unreadable(0x20, word(status)));
        assert_eq!(paper.saw("00 20 00 98 04") + paper.saw("00 20 00 80"), 1);
        assert_eq!(paper.seen.last(), Some(&hex("00 20 00 98 04 31 32 33 34")));
    }
}

#[test]
fn a_wrong_pin_tells_the_tries_left() {
    for (counter, answer, expected) in [
        ("63 C3", "63 C2", TapError::PinWrong { tries_left: 2 }),
        ("63 C3", "63 C0", TapError::PinBlocked),
        ("63 C3", "63 00", TapError::PinWrong { tries_left: 2 }),
        ("63 C3", "69 83", TapError::PinBlocked),
        ("63 C3", "69 84", TapError::PinBlocked),
    ] {
        let (error, paper) = Paper::new().with(COUNTER, &[counter]).with(VERIFY, &[answer]).fails(pin(RIGHT));
        assert_eq!(error, expected, "{counter} → {answer}");
        assert_eq!(paper.saw(VERIFY), 1);
    }
}

#[test]
fn a_pin_without_a_count_is_blocked_and_never_sent() {
    for method in [pin(RIGHT), told(pin(RIGHT))] {
        let (error, paper) = Paper::new().with(COUNTER, &["63 00"]).fails(method);
        assert_eq!(error, TapError::PinBlocked);
        assert_eq!((paper.saw(VERIFY), paper.seen.len()), (0, 3));
    }
}

#[test]
fn a_birth_date_without_a_count_is_sent_once() {
    for (answer, expected) in [
        ("63 00", TapError::BirthDateWrong { tries_left: None }),
        ("63 C9", TapError::BirthDateWrong { tries_left: Some(9) }),
        ("63 C0", TapError::BirthDateBlocked),
        ("69 83", TapError::BirthDateBlocked),
        ("69 84", TapError::BirthDateBlocked),
    ] {
        let paper = Paper::new().with("00 20 00 91", &["63 00"]).with("00 20 00 91 06", &[answer]);
        let (error, paper) = paper.fails(birth([5, 5, 0, 2, 1, 7]));
        assert_eq!(error, expected);
        assert_eq!(paper.saw("00 20 00 91 06"), 1);
    }
}

#[test]
fn with_one_try_left_the_tap_ends_unless_the_patient_was_told() {
    let (error, paper) = Paper::new().with(COUNTER, &["63 C1"]).fails(pin(RIGHT));
    assert_eq!(error, TapError::PinLastTry);
    assert_eq!(paper.saw(VERIFY), 0);
    Paper::new().with(COUNTER, &["63 C1"]).play(told(pin(RIGHT))).expect("evidence");

    let (error, paper) = Paper::new().with("00 20 00 91", &["63 C1"]).fails(birth([5, 5, 0, 2, 1, 7]));
    assert_eq!(error, TapError::BirthDateLastTry);
    assert_eq!(paper.saw("00 20 00 91 06"), 0);
}

#[test]
fn a_blocked_pin_is_told_from_a_card_without_one_by_ef_0008() {
    for (flags, expected) in [
        ("00 8F 00 90 00", TapError::FaceAuthenticationCard),
        ("8F 8F 00 90 00", TapError::PinBlocked),
        ("00 8F 90 00", TapError::PinBlocked),
        ("69 82", TapError::PinBlocked),
    ] {
        let paper = Paper::new().with(COUNTER, &["63 C0"]).with(FLAGS, &[flags]);
        let (error, paper) = paper.with("00 B0 00 00 03", &[flags]).fails(pin(RIGHT));
        assert_eq!(error, expected);
        assert_eq!(paper.saw(VERIFY), 0);
    }
    for status in ["69 83", "69 84"] {
        let (error, paper) = Paper::new().with(COUNTER, &[status]).fails(told(pin(RIGHT)));
        assert_eq!(error, TapError::PinBlocked);
        assert_eq!((paper.saw(VERIFY), paper.saw(FLAGS)), (0, 0));
    }
}

#[test]
fn a_counter_hidden_behind_9000_is_brought_out_by_another_application() {
    let mut paper = Paper::new().with(COUNTER, &["90 00", "63 C3"]);
    paper.play(pin(RIGHT)).expect("evidence");
    assert_eq!(paper.saw(VERIFY), 1);
    assert_eq!(paper.saw(SELECT_VISUAL), 1);
    assert_eq!(paper.saw(SELECT_JPKI), 2);

    let (error, paper) = Paper::new().with(COUNTER, &["90 00"]).fails(pin(RIGHT));
    assert_eq!(error, unreadable(0x20, 0x9000));
    assert_eq!(paper.saw(VERIFY), 0);
}

#[test]
fn a_broken_line_ends_the_tap_and_keeps_what_is_known() {
    let endless = vec![0; 0x1_0003];
    for garbage in [None, Some(&[][..]), Some(&[0x90]), Some(&endless)] {
        let mut paper = Paper::new();
        let mut tap = Tap::new(pin(RIGHT), to_sign(0));
        play_until(&mut tap, 5, |command| paper.transceive(command)).expect("not over");
        let Step::Done(Err(error)) = tap.next(garbage) else { panic!("not over") };
        assert_eq!(error, unreadable(0xB0, 0));
        assert!(matches!(tap.next(garbage), Step::Done(Err(TapError::Over))));
        assert!(matches!(tap.next(None), Step::Done(Err(TapError::Over))));

        let mut tap = tap.lost().resume(to_sign(0));
        play(&mut tap, |command| paper.transceive(command)).expect("evidence");
        assert_eq!(paper.saw(VERIFY), 1);
        assert_eq!(paper.saw("80 2A"), 1);
    }
}

#[test]
fn an_answer_that_nobody_asked_for_starts_nothing() {
    let mut tap = Tap::new(pin(RIGHT), to_sign(0));
    let Step::Done(Err(error)) = tap.next(Some(&[0x90, 0x00])) else { panic!("started") };
    assert_eq!(error, unreadable(0, 0));
    assert!(matches!(tap.next(None), Step::Done(Err(TapError::Over))));
}

/// Loses the first tap when its VERIFY is given out, then plays the next one.
fn lose_verify(before: &str, now: &str, method: Method) -> (Result<jpki::Evidence, TapError>, Paper) {
    let mut paper = Paper::new().with(COUNTER, &[before, now]);
    let mut tap = Tap::new(method, to_sign(0));
    let verify = play_until(&mut tap, 3, |command| paper.transceive(command)).expect("not over");
    assert!(verify.starts_with(&hex(VERIFY)));
    let mut tap = tap.lost().resume(to_sign(0));
    (play(&mut tap, |command| paper.transceive(command)), paper)
}

#[test]
fn after_a_lost_verify_the_counter_tells_whether_the_pin_was_wrong() {
    for (before, now, told_before, expected) in [
        ("63 C3", "63 C2", false, Some(TapError::PinWrong { tries_left: 2 })),
        ("63 C2", "63 C1", false, Some(TapError::PinWrong { tries_left: 1 })),
        ("63 C1", "63 C0", true, Some(TapError::PinBlocked)),
        ("63 C2", "69 84", false, Some(TapError::PinBlocked)),
        ("63 C3", "63 00", false, Some(TapError::PinBlocked)),
        ("63 C3", "63 C3", false, None),
        ("63 C2", "63 C3", false, None),
        ("63 C1", "63 C1", true, None),
    ] {
        let method = if told_before { told(pin(RIGHT)) } else { pin(RIGHT) };
        let (outcome, paper) = lose_verify(before, now, method);
        assert_eq!(outcome.err(), expected, "{before} → {now}");
        assert_eq!(paper.saw(VERIFY), usize::from(expected.is_none()), "{before} → {now}");
    }
}

#[test]
fn after_a_lost_verify_a_birth_date_without_a_count_is_asked_for_again() {
    for (before, now, expected) in [
        ("63 00", "63 00", TapError::AskAgain),
        ("63 00", "63 C2", TapError::AskAgain),
        ("63 00", "63 C0", TapError::BirthDateBlocked),
        ("63 00", "69 84", TapError::BirthDateBlocked),
        // A counter that showed a number has a limit.
        ("63 C2", "63 00", TapError::BirthDateBlocked),
    ] {
        let mut paper = Paper::new().with("00 20 00 91", &[before, now]).with("00 20 00 91 06", &["90 00"]);
        let mut tap = Tap::new(birth([5, 5, 0, 2, 1, 7]), to_sign(0));
        play_to(&mut tap, |_, command| is_verify(command), |command| paper.transceive(command))
            .expect("not over");
        let mut tap = tap.lost().resume(to_sign(0));
        let error = play(&mut tap, |command| paper.transceive(command)).expect_err("not sent");
        assert_eq!(error, expected, "{before} → {now}");
        assert_eq!(paper.saw("00 20 00 91 06"), 0, "{before} → {now}");
    }
}

#[test]
fn the_same_digits_are_sent_twice_at_most() {
    let mut paper = Paper::new();
    let mut tap = Tap::new(pin(RIGHT), to_sign(0));
    for _ in 0..2 {
        let verify = play_until(&mut tap, 3, |command| paper.transceive(command)).expect("not over");
        assert!(verify.starts_with(&hex(VERIFY)));
        tap = tap.lost().resume(to_sign(0));
    }
    let error = play(&mut tap, |command| paper.transceive(command)).expect_err("no digits left");
    assert_eq!(error, TapError::AskAgain);
    assert_eq!(paper.saw(VERIFY), 0);
}

#[test]
fn a_tap_that_is_done_leaves_no_digits_behind() {
    let mut paper = Paper::new().with(VERIFY, &["63 C2"]);
    let mut tap = Tap::new(pin(RIGHT), to_sign(0));
    let error = play(&mut tap, |command| paper.transceive(command)).expect_err("wrong");
    assert_eq!(error, TapError::PinWrong { tries_left: 2 });
    let mut tap = tap.lost().resume(to_sign(0));
    let error = play(&mut tap, |command| paper.transceive(command)).expect_err("forgotten");
    assert_eq!(error, TapError::AskAgain);
    assert_eq!(paper.saw(VERIFY), 1);
}

#[test]
fn nothing_that_is_printed_holds_the_pin() {
    let mut paper = Paper::new();
    let mut tap = Tap::new(pin([9, 8, 7, 6]), to_sign(0));
    let text = format!("{:?}", pin([9, 8, 7, 6]));
    play_until(&mut tap, 3, |command| paper.transceive(command)).expect("not over");
    let text = text + &format!("{} {:?}", tap.transcript(), tap.transcript());
    let text = text + &format!("{:?}", tap.lost());
    assert!(!text.contains("9876") && !text.contains("39383736"), "{text}");
    assert!(!text.contains("57, 56, 55, 54"), "{text}");
}
