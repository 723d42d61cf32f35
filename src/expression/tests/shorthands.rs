//! `--rpl` and `--plus`.

use super::*;
