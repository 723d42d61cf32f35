//! Standard input cut into blocks at borders of records, for jobs to read (`--pipe`), and
//! ranges of files instead of blocks (`--pipepart`).
//!
//! - [`column_key`]: what is the same in records that belong together
//! - [`lazy_state`]: states of automata
//! - [`record_pattern`]: separators by regular expressions
//! - [`record_rule`]: borders of records
//! - [`border_scan`]: borders found from left to right
//! - [`record_cutter`]: where to cut
//! - [`input_name`]: messages about what is cut
//! - [`header`]: what comes before every block
//! - [`block_reader`]: a stream as blocks, each for one job
//! - [`file_ranges`]: a file as ranges, which jobs read without prun
//! - [`stdin_sequence`]: several files, one after the other
//! - [`distributor`]: blocks dealt to jobs that run all the time (`--round-robin`, `--tee`,
//!   `--shard`, `--bin`)

pub(crate) mod block_reader;
mod border_scan;
pub(crate) mod column_key;
pub(crate) mod distributor;
pub(crate) mod file_ranges;
pub(crate) mod header;
pub(crate) mod input_name;
mod lazy_state;
pub(crate) mod record_cutter;
pub(crate) mod record_pattern;
pub(crate) mod record_rule;
pub(crate) mod stdin_sequence;
