//! Text, as wc(1), cat(1), head(1) and their kin have it.

mod case;
mod cat;
mod chars;
mod count;
mod cut;
mod encode;
mod grep;
mod head_tail;
mod lines;
mod pattern;
mod posix;
mod replace;
mod uniq;

pub(super) use case::{LOWER, UPPER};
pub(super) use cat::CAT;
pub(super) use count::COUNT;
pub(super) use cut::CUT;
pub(super) use encode::{BASE64, HEX, UNBASE64, UNHEX};
pub(super) use grep::GREP;
pub(super) use head_tail::{HEAD, TAIL};
pub(super) use replace::REPLACE;
pub(super) use uniq::UNIQ;
