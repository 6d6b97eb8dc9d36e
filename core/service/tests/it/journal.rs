//! Everything that is written to the log while a test runs.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Takes down every event of every crate at every level, for each thread apart: a test and its servers run on one.
///
/// It listens from the first server of the first test on: `tracing` remembers of each line whether anybody hears it, from when
/// a thread, of whichever test, comes to it first.
pub(crate) struct Journal;

thread_local! {
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

impl Journal {
    /// Begins to listen.
    pub(crate) fn begin() {
        static LISTENS: Once = Once::new();
        LISTENS.call_once(|| tracing::subscriber::set_global_default(Self).expect("the only one"));
    }

    /// What was written on this thread since it was asked last.
    pub(crate) fn text() -> String {
        TEXT.take()
    }
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").expect("a string takes everything");
    }
}

impl Subscriber for Journal {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        TEXT.with_borrow_mut(|text| span.record(&mut Line(text)));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        TEXT.with_borrow_mut(|text| values.record(&mut Line(text)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        TEXT.with_borrow_mut(|text| {
            event.record(&mut Line(text));
            text.push('\n');
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
