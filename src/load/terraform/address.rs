//! Addresses of Terraform: `module.a["x"].data.aws_iam_role.b[0].arn`, cut at the dots that are in no index.

/// The segments of an address or of a reference, each with its index.
pub(super) fn segments(address: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut start = 0;
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for (at, letter) in address.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted => inside = false,
            '.' if !inside => {
                segments.extend(address.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    segments.extend(address.get(start..));
    segments
}

/// A segment and its index: `b[0]` → `b` and `[0]`.
pub(super) fn cut(segment: &str) -> (&str, &str) {
    let at = segment.find('[').unwrap_or(segment.len());
    segment.split_at_checked(at).unwrap_or((segment, ""))
}

/// The address without any index, for what stands in the configuration once.
pub(super) fn plain(address: &str) -> String {
    let names: Vec<&str> = segments(address)
        .into_iter()
        .map(|segment| cut(segment).0)
        .collect();
    names.join(".")
}

/// The address of something inside a module.
pub(super) fn inside(module: &str, address: &str) -> String {
    if module.is_empty() {
        address.to_owned()
    } else {
        format!("{module}.{address}")
    }
}

/// A module's address cut into that of the module around it, and its own name without the index.
pub(super) fn outward(module: &str) -> Option<(String, &str)> {
    let segments = segments(module);
    let (own, around) = segments.split_last()?;
    let around = around.split_last().filter(|(word, _)| **word == "module")?;
    Some((around.1.join("."), cut(own).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_in_an_index_cut_nothing() {
        let address = r#"module.a["x.\"].y"].aws_iam_role.b[0].arn"#;
        assert_eq!(
            segments(address),
            ["module", r#"a["x.\"].y"]"#, "aws_iam_role", "b[0]", "arn"]
        );
        assert_eq!(plain(address), "module.a.aws_iam_role.b.arn");
        assert_eq!(cut("b[0]"), ("b", "[0]"));
        assert_eq!(cut("b"), ("b", ""));
    }

    #[test]
    fn modules_nest() {
        assert_eq!(
            outward("module.a[0].module.b"),
            Some(("module.a[0]".to_owned(), "b"))
        );
        assert_eq!(outward("module.a[0]"), Some((String::new(), "a")));
        assert_eq!(outward(""), None);
    }
}
