//! What lies in the folder of a cloud assembly beside the templates.

use std::fs;
use std::io::Read as _;
use std::path::Path;

/// How much of a manifest is looked at before deciding that it is one.
const SNIFFED: u64 = 4 * 1024;

/// Whether a folder is a cloud assembly, at a glance.
pub(in crate::load) fn is_assembly(folder: &Path) -> bool {
    let glance = || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = fs::File::open(folder.join("manifest.json"))?;
        file.take(SNIFFED).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let Ok(bytes) = glance() else { return false };
    let text = String::from_utf8_lossy(&bytes);
    text.contains("\"version\"") && text.contains("\"artifacts\"")
}

/// Whether a file or folder of a cloud assembly says nothing of policies: assets, which may be whole programs, and what the
/// CDK CLI and its viewers read.
pub(in crate::load) fn is_byproduct(name: &str) -> bool {
    const BEGINNINGS: &[&str] = &["asset.", "bundling-temp-"];
    const NAMES: &[&str] = &[
        "cdk.out",
        "tree.json",
        "validation-report.json",
        "policy-validation-report.json",
    ];
    const ENDINGS: &[&str] = &[".assets.json", ".metadata.json", ".dot"];
    NAMES.contains(&name)
        || BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}
