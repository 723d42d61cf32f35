//! Rows that an expression leaves out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::input::Rows;
use crate::placeholder::CommandDialect;
use crate::template::CommandTemplate;

/// Leaves out the rows of which an expression says so, and counts those that have failed
/// thereby, as GNU parallel sees it.
pub(super) fn leave_out(
    rows: &mut Rows,
    template: &Arc<CommandTemplate>,
    dialect: CommandDialect,
) -> Arc<AtomicU64> {
    let skipped = Arc::new(AtomicU64::new(0));
    if template.can_skip() {
        let (template, count) = (Arc::clone(template), Arc::clone(&skipped));
        rows.keep(move |seq, row| {
            let skips = template.skips(row, template.position(seq, 1));
            if dialect == CommandDialect::Gnu {
                count.fetch_add(u64::from(skips), Ordering::Relaxed);
            }
            !skips
        });
    }
    skipped
}
