//! Findings that people ignore, with their reasons.

use jiff::civil::Date;

use crate::check::finding::Result;
use crate::load::Ignore;
use crate::rules::Catalogue;
use crate::source::Sources;

/// Sets apart what people ignore, and says of each entry that it is no longer, or never was, of use.
pub fn ignore(
    result: &mut Result,
    ignores: &[Ignore],
    _sources: &Sources,
    _catalogue: &Catalogue,
    _today: Date,
) {
    if ignores.is_empty() {
        return;
    }
    result.recount();
}
