use serde_json::Value;

mod spdx;

/// The same list as in deny.toml.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Second providers of cryptography besides ring, and libraries that would have to be installed on the machine.
const FORBIDDEN: [&str; 5] = ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl-sys", "pq-sys"];

/// Forbidden packages in the tree.
pub(super) fn forbidden_packages(metadata: &Value) -> Vec<String> {
    let bad = used(metadata).filter(|package| FORBIDDEN.contains(&text(&package["name"])));
    bad.map(|package| format!("{} is in the tree: cargo tree --invert {0}", text(&package["name"]))).collect()
}

/// Packages that do not come from the registry.
pub(super) fn foreign_sources(metadata: &Value) -> Vec<String> {
    let foreign = used(metadata).filter(|package| {
        let source = package["source"].as_str();
        source.is_some_and(|source| !source.starts_with("registry+") && !source.starts_with("sparse+"))
    });
    foreign.map(|package| format!("{} comes from {}", text(&package["name"]), text(&package["source"]))).collect()
}

/// Packages whose licence is not on the list.
pub(super) fn not_allowed(metadata: &Value) -> Vec<String> {
    let packages = used(metadata).filter(|package| !spdx::is_met(text(&package["license"]), &ALLOWED));
    let words = packages.map(|package| {
        let licence = package["license"].as_str().unwrap_or("none");
        format!("{}: its licence is not on the list: {licence}", text(&package["name"]))
    });
    words.collect()
}

// `packages` also lists optional packages that are not built; the graph does not.
fn used(metadata: &Value) -> impl Iterator<Item = &Value> {
    let nodes = metadata.pointer("/resolve/nodes").and_then(Value::as_array);
    let ids: std::collections::BTreeSet<_> = nodes.into_iter().flatten().map(|node| text(&node["id"])).collect();
    metadata["packages"].as_array().into_iter().flatten().filter(move |package| ids.contains(text(&package["id"])))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(name: &str, source: Option<&str>, licence: Option<&str>) -> Value {
        json!({
            "packages": [
                {"id": "1", "name": name, "source": source, "license": licence},
                {"id": "2", "name": "aws-lc-rs", "source": "git+x", "license": null},
            ],
            "resolve": {"nodes": [{"id": "1"}]},
        })
    }

    #[test]
    fn a_forbidden_package_is_a_problem_only_when_it_is_built() {
        assert_eq!(forbidden_packages(&tree("openssl-sys", None, None)).len(), 1);
        assert!(forbidden_packages(&tree("ring", None, None)).is_empty());
    }

    #[test]
    fn a_package_from_a_repository_is_a_problem() {
        assert_eq!(foreign_sources(&tree("a", Some("git+https://example.com/a"), None)).len(), 1);
        assert!(foreign_sources(&tree("a", Some("registry+https://example.com/index"), None)).is_empty());
        assert!(foreign_sources(&tree("a", None, None)).is_empty());
    }

    #[test]
    fn a_licence_that_is_not_on_the_list_is_a_problem() {
        assert_eq!(not_allowed(&tree("a", None, Some("AGPL-3.0-only"))).len(), 1);
        assert_eq!(not_allowed(&tree("a", None, None)).len(), 1);
        assert!(not_allowed(&tree("a", None, Some("MIT OR GPL-2.0-only"))).is_empty());
    }

    #[test]
    fn the_lists_here_are_those_of_deny_toml() {
        let deny = include_str!("../../../deny.toml");
        for name in ALLOWED.iter().chain(&FORBIDDEN) {
            assert!(deny.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
