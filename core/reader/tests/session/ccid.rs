//! CCID over Bluetooth LE.

use core::time::Duration;

use reader::{
    ChunkSize, Features, Kind, Options, Protection, Protocol, ReaderError, Session, SleepDelay, State, Uuid,
    WriteType,
};

use crate::bench::{Bench, FEITIAN, READ, SELECT, VERIFY, Vectors, chunks, kind, options, secret};

fn powered() -> Bench {
    Bench::powered(&Vectors::ccid(), kind(FEITIAN))
}

/// The answer to the fourth command of the vectors.
fn answer(kind: u8, own: [u8; 3], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("short").to_le_bytes();
    [&[kind][..], &length, &[0, 4], &own, data].concat()
}

fn selecting() -> Bench {
    let mut bench = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    bench.told.clear();
    bench
}

const WHOLE_SESSION: [&str; 12] = [
    "State(Connected)",
    "State(Polling)",
    "State(Card)",
    "State(Powered)",
    "PoweredOn([59, 136, 128, 1, 0, 0, 5, 224, 179, 129, 161, 0, 127])",
    "Answer(9000)",
    "Answer(63c2)",
    "Answer(3082051c30829000)",
    "State(Polling)",
    "SleepDelay(Never)",
    "Failed(LinkLost)",
    "State(Lost)",
];

#[test]
fn a_whole_session_is_what_the_specification_says() {
    let mut bench = Bench::new(kind(FEITIAN), options());
    bench.play(&Vectors::ccid(), &mut |stream| vec![stream.to_vec()]);
    bench.session.disconnected();
    assert_eq!(bench.news(), WHOLE_SESSION);
}

#[test]
fn every_chunk_size_carries_the_same_session_in_both_directions() {
    for size in 1..=244 {
        let mut bench = Bench::new(kind(FEITIAN), Options { chunk: Some(chunks(size)), ..options() });
        bench.play(&Vectors::ccid(), &mut |stream| stream.chunks(size).map(<[u8]>::to_vec).collect());
        assert_eq!(bench.news(), WHOLE_SESSION[..10], "{size} bytes");
    }
}

#[test]
fn time_is_given_as_often_as_it_is_asked_for_up_to_a_bound() {
    let mut bench = selecting();
    let began = bench.now;
    let mut last = Duration::ZERO;
    for times in [0, 1, 2, 4, 255, 255] {
        bench.hear(&answer(0x80, [0x80, times, 0], &[]));
        let deadline = bench.session.deadline().expect("a deadline").saturating_sub(began);
        assert!(deadline >= last && deadline <= Duration::from_mins(1));
        last = deadline;
        bench.now += Duration::from_secs(1);
    }
    assert_eq!(last, Duration::from_mins(1));
    bench.hear(&answer(0x80, [0; 3], &[0x90, 0x00]));
    assert_eq!(bench.news(), ["Answer(9000)"]);
}

#[test]
fn a_reader_that_asks_for_time_for_ever_is_not_waited_for_for_ever() {
    let mut bench = selecting();
    for _ in 0..100 {
        bench.hear(&answer(0x80, [0x80, 10, 0], &[]));
        bench.now += Duration::from_secs(1);
        bench.session.tick(bench.now);
        if bench.session.state() == State::Lost {
            break;
        }
    }
    assert_eq!(bench.now, Duration::from_mins(1));
    bench.assert_lost(ReaderError::TimedOut);
}

#[test]
fn the_answer_to_another_command_is_not_ours() {
    let mut bench = selecting();
    let mut other = answer(0x80, [0; 3], &[0x63, 0xC0]);
    other[6] = 3;
    bench.hear(&other);
    bench.hear(&answer(0x80, [0; 3], &[0x90, 0x00]));
    // Once more, when nothing is awaited.
    bench.hear(&answer(0x80, [0; 3], &[0x90, 0x00]));
    assert_eq!(bench.news(), ["Answer(9000)"]);
}

#[test]
fn a_card_event_is_heard_also_amid_an_answer() {
    let frame = answer(0x80, [0; 3], &[0x90, 0x00]);
    for event in [[0x50, 0x03], [0x50, 0x02]] {
        for at in 0..=frame.len() {
            let mut bench = selecting();
            bench.hear(&frame[..at]);
            bench.hear(&event);
            bench.hear(&frame[at..]);
            // A card that has arrived by then may be the one that answers: that is nobody's answer.
            let answered = event == [0x50, 0x02] || at == frame.len();
            let news: &[&str] =
                if answered { &["Answer(9000)"] } else { &["State(Card)", "Failed(CardAbsent)"] };
            assert_eq!(bench.news(), news, "{at}");
            // It is asked about, once the command has its answer.
            assert_eq!(bench.flush()[0], 0x65, "{at}");
        }
    }
}

#[test]
fn a_slot_that_has_not_changed_is_no_news() {
    for slots in [0x00, 0x01, 0x0C] {
        let mut bench = selecting();
        bench.hear(&[0x50, slots]);
        bench.hear(&answer(0x80, [0; 3], &[0x90, 0x00]));
        assert_eq!(bench.news(), ["Answer(9000)"], "{slots:02x}");
        assert_eq!(bench.flush(), [0; 0], "{slots:02x}");
    }
}

#[test]
fn what_looks_like_a_card_event_and_goes_on_is_part_of_the_answer() {
    let mut bench = selecting();
    let frame = answer(0x80, [0; 3], &[0x50, 0x03, 0x90, 0x00]);
    bench.hear(&frame[..10]);
    bench.hear(&frame[10..]);
    assert_eq!(bench.news(), ["Answer(50039000)"]);
}

#[test]
fn card_events_do_not_keep_half_an_answer_alive() {
    let mut bench = selecting();
    bench.hear(&answer(0x80, [0; 3], &[0x90, 0x00])[..3]);
    let mut until = bench.session.deadline().expect("a deadline");
    for _ in 0..3 {
        bench.now += Duration::from_secs(1);
        bench.hear(&[0x50, 0x03]);
        let deadline = bench.session.deadline().expect("a deadline");
        assert!(deadline <= until);
        until = deadline;
    }
}

#[test]
fn pieces_come_in_their_order_or_end_the_session() {
    for own in [0x02, 0x03, 0x10, 0x7F] {
        let mut bench = selecting();
        bench.hear(&answer(0x80, [0, 0, own], &[0x90, 0x00]));
        bench.assert_lost(ReaderError::Protocol);
    }
    for own in [0x00, 0x01] {
        let mut bench = selecting();
        bench.hear(&answer(0x80, [0, 0, 0x01], &[0x30, 0x82]));
        bench.flush();
        let mut second = answer(0x80, [0, 0, own], &[0x90, 0x00]);
        second[6] = 5;
        bench.hear(&second);
        bench.assert_lost(ReaderError::Protocol);
    }
}

#[test]
fn pieces_that_make_too_long_an_answer_end_the_session() {
    let mut bench = selecting();
    bench.hear(&answer(0x80, [0, 0, 0x01], &[0x5A; 200]));
    bench.flush();
    let mut second = answer(0x80, [0, 0, 0x03], &[0x5A; 59]);
    second[6] = 5;
    bench.hear(&second);
    bench.assert_lost(ReaderError::Length);
}

#[test]
fn an_answer_without_a_status_word_is_none() {
    let mut bench = selecting();
    bench.hear(&answer(0x80, [0; 3], &[0x90]));
    assert_eq!(bench.news(), ["State(Card)", "Failed(CardMute)"]);
}

#[test]
fn a_card_that_is_gone_is_told_and_the_reader_works_on() {
    let mut bench = selecting();
    bench.hear(&answer(0x80, [0x42, 0xFE, 0], &[]));
    assert_eq!(bench.news(), ["State(Card)", "Failed(CardAbsent)"]);
    assert_eq!(bench.flush()[..1], [0x65]);
    // Some readers call it a failure when nobody is there.
    let mut nobody = answer(0x81, [0x42, 0xFE, 0], &[]);
    nobody[6] = 5;
    bench.hear(&nobody);
    assert_eq!(bench.news(), ["State(Polling)"]);
}

#[test]
fn a_garbled_answer_to_reset_is_none() {
    for answer_to_reset in [&[][..], &[0x3B], &[0x3B; 34]] {
        let mut bench = Bench::before(&Vectors::ccid(), kind(FEITIAN), "power on");
        bench.session.power_on(bench.now).expect("a card");
        bench.flush();
        bench.told.clear();
        let mut answer = answer(0x80, [0; 3], answer_to_reset);
        answer[6] = 3;
        bench.hear(&answer);
        assert_eq!(bench.news(), ["Failed(CardMute)"]);
        assert_eq!(bench.session.state(), State::Card);
    }
}

#[test]
fn a_hardware_error_is_told_and_is_no_answer() {
    let mut bench = selecting();
    bench.hear(&[0x51, 0x00, 0x00, 0x01]);
    bench.hear(&answer(0x80, [0; 3], &[0x90, 0x00]));
    assert_eq!(bench.news(), ["Fault(Hardware)", "Answer(9000)"]);
}

#[test]
fn a_card_is_reset_when_it_is_powered_again() {
    let mut bench = powered();
    bench.session.power_on(bench.now).expect("powered");
    assert_eq!(bench.flush(), [0x62, 0, 0, 0, 0, 0, 4, 0, 0, 0]);
    bench.told.clear();
    bench.hear(&answer(0x80, [0; 3], &[0x3B, 0x00]));
    assert_eq!(bench.news(), ["PoweredOn([59, 0])"]);
    bench.session.power_off(bench.now).expect("powered");
    assert_eq!(bench.flush(), [0x63, 0, 0, 0, 0, 0, 5, 0, 0, 0]);
    let mut off = answer(0x81, [0x01, 0, 0], &[]);
    off[6] = 5;
    bench.hear(&off);
    assert_eq!(bench.news(), ["State(Card)", "PoweredOff"]);
    assert_eq!(bench.session.transmit(secret(&READ), bench.now), Err(ReaderError::CardAbsent));
}

#[test]
fn goodbye_takes_the_power_and_ends_without_an_error() {
    let mut bench = powered();
    bench.told.clear();
    bench.session.goodbye(bench.now).expect("nothing under way");
    assert_eq!(bench.session.transmit(secret(&READ), bench.now), Err(ReaderError::NotReady));
    assert_eq!(bench.flush()[..1], [0x63]);
    bench.hear(&answer(0x81, [0x01, 0, 0], &[]));
    assert_eq!(bench.news(), ["State(Card)", "State(Lost)"]);
    assert_eq!(bench.session.loss(), None);
}

#[test]
fn goodbye_ends_without_an_error_even_if_the_reader_does_not_answer() {
    let mut bench = powered();
    bench.session.goodbye(bench.now).expect("nothing under way");
    bench.wait_in_vain();
    assert_eq!((bench.session.state(), bench.session.loss()), (State::Lost, None));
}

#[test]
fn the_link_is_plain_and_what_a_kind_cannot_do_is_refused() {
    let mut bench = powered();
    assert_eq!(bench.session.protection(), Protection::Plain);
    assert!(!bench.session.is_confidential());
    assert_eq!(bench.session.ask_firmware(bench.now), Err(ReaderError::NotSupported));
    assert_eq!(bench.session.ask_serial(bench.now), Err(ReaderError::NotSupported));
    let seconds = bench.session.set_sleep_delay(SleepDelay::Seconds60, bench.now);
    assert_eq!(seconds, Err(ReaderError::NotSupported));
}

/// A kind is data: the D600 of `SpringCard` by the UUIDs that its maker publishes, with messages of the same CCID. That its
/// card events come on a third characteristic, and that some models ask for an authentication, keeps it out of the
/// table; the codec would serve.
#[test]
fn a_reader_of_another_maker_needs_no_code() {
    static SPRINGCARD: Kind = Kind {
        name: "SpringCard (evidence)",
        name_prefixes: &["D600"],
        service: Uuid::new(0x6CB5_01B7_96F6_4EEF_ACB1_D753_5F15_3CF0),
        write: Uuid::new(0x91AC_E9FD_EDD6_40B1_BA77_050A_78CF_9BC0),
        notify: Uuid::new(0xB4CA_2D75_B855_4C1A_BF40_4A72_AE46_BD5A),
        battery: Uuid::BATTERY_LEVEL,
        information: &[],
        write_type: WriteType::WithResponse,
        chunk: ChunkSize::SMALLEST_MTU,
        protocol: Protocol::Ccid,
        features: Features {
            longest_command: 261,
            longest_answer: 258,
            polling: None,
            sleep: &[],
            firmware: None,
            serial: None,
        },
    };
    let mut bench = Bench::before(&Vectors::ccid(), &SPRINGCARD, "VERIFY with 1234");
    bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
    let write = bench.session.next_write().expect("a chunk");
    assert_eq!((write.characteristic, write.write_type), (SPRINGCARD.write, WriteType::WithResponse));
    let session: &Session = &bench.session;
    assert_eq!(session.kind().name, "SpringCard (evidence)");
}
