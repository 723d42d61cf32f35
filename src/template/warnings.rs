//! Warnings of values that are read again.

use crate::error::{Error, Result};
use crate::placeholder::PlaceholderSyntax;
use crate::shell::injection::InjectionFinding;

use super::options::TemplateOptions;

/// Warnings of values that are read again; with `--strict` an error.
pub(super) fn injection_warnings(
    findings: &[InjectionFinding],
    options: &TemplateOptions,
    syntax: &PlaceholderSyntax,
) -> Result<Vec<String>> {
    if !options.dialect.rules().is_strict || options.plain_values {
        return Ok(Vec::new());
    }
    let has_placeholders = options.words.iter().any(|word| syntax.occur_in(word));
    let hint = |finding: &InjectionFinding| finding.hint(syntax, has_placeholders);
    match findings.first().filter(|_| options.strict) {
        Some(first) => Err(Error::new(first.message()).hint(hint(first))),
        None => Ok(findings
            .iter()
            .map(|finding| format!("{}\nhint: {}", finding.message(), hint(finding)))
            .collect()),
    }
}
