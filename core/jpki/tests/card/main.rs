//! The dialogues against the virtual card, which keeps a real card's rules, and against odd answers.

mod dialogues;
mod issuer;
mod lengths;
mod losses;
mod odd_answers;
mod persons;
mod recognise;
mod repeat;
mod support;
