//! The root manifest with only the crates that a mutant is built from.

/// The list of all members.
const MEMBERS: &str = "\nmembers = ";

/// The list of those that are built by default, which may name nobody else.
const DEFAULT_MEMBERS: &str = "\ndefault-members = ";

/// The manifest with `members` instead of its own lists; `None` if it has no list of members.
pub(super) fn with_members(manifest: &str, members: &[&str]) -> Option<String> {
    let quoted: Vec<String> = members
        .iter()
        .map(|member| format!("\"{member}\""))
        .collect();
    let trimmed = with_list(manifest, MEMBERS, &quoted)?;
    Some(with_list(&trimmed, DEFAULT_MEMBERS, &quoted).unwrap_or(trimmed))
}

fn with_list(manifest: &str, name: &str, quoted: &[String]) -> Option<String> {
    let start = manifest.find(name)? + name.len();
    let end = start + manifest[start..].find(']')? + 1;
    let list = format!("[{}]", quoted.join(", "));
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

    #[test]
    fn no_default_member_is_left_that_is_no_member() {
        let manifest =
            "[workspace]\nmembers = [\"a\", \"b\"]\n# Why.\ndefault-members = [\n  \"a\",\n]\n";
        assert_eq!(
            with_members(manifest, &["b"]).as_deref(),
            Some("[workspace]\nmembers = [\"b\"]\n# Why.\ndefault-members = [\"b\"]\n")
        );
    }
}
