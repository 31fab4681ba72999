//! The root manifest with only the crates that a mutant is built from.

/// The manifest with `members` instead of its own list; `None` if it has no such list.
pub(super) fn with_members(manifest: &str, members: &[&str]) -> Option<String> {
    let start = manifest.find("members = [")?;
    let end = start + manifest[start..].find(']')? + 1;
    let quoted: Vec<String> = members
        .iter()
        .map(|member| format!("\"{member}\""))
        .collect();
    let list = format!("members = [{}]", quoted.join(", "));
    Some([&manifest[..start], &list, &manifest[end..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_members_change() {
        let manifest = "[workspace]\nmembers = [\n  \"a\",\n  \"b\",\n]\n\n[profile.release]\nlto = \"thin\"\n";
        assert_eq!(
            with_members(manifest, &["b"]).as_deref(),
            Some("[workspace]\nmembers = [\"b\"]\n\n[profile.release]\nlto = \"thin\"\n")
        );
        assert_eq!(with_members("[package]\n", &["b"]), None);
    }
}
