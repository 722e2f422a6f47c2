use serde_json::Value;

const CORE: &str = "storage-hub-core";
const DERIVE: &str = "storage-hub-core-derive";
const ACL_DIESEL: &str = "storage-hub-acl-diesel";
const CONTRACT: &str = "storage-hub-port-contract";
const SERVER: &str = "storage-hub-server";
const BENCH: &str = "storage-hub-bench-load";

/// Dependencies that core may have: none that knows a runtime, HTTP, SQL or S3.
const ALLOWED_IN_CORE: [&str; 16] = [
    "async-trait",
    "email_address",
    "event-listener",
    "futures",
    "idna",
    "mockall",
    "serde",
    "serde_json",
    "storage-hub-core-derive",
    "subtle",
    "thiserror",
    "time",
    "tracing",
    "unicode-normalization",
    "uuid",
    "zeroize",
];

/// Dependencies that core may have only as optional ones.
const OPTIONAL_IN_CORE: [&str; 2] = ["mockall", "storage-hub-core-derive"];

/// Dependencies between crates of the workspace that do not point inwards: server → adapters → core.
pub(super) fn outward(metadata: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages(metadata) {
        let name = name(package);
        for dependency in dependencies(package) {
            let target = name_of(&dependency["name"]);
            let in_tests = dependency["kind"] == "dev";
            if target.starts_with("storage-hub-") && !may_use(name, target, in_tests) {
                problems.push(format!("{name} depends on {target}: dependencies point inwards only"));
            }
        }
    }
    problems
}

/// Direct dependencies of core that it must not have.
pub(super) fn impure_core(metadata: &Value) -> Vec<String> {
    let core = packages(metadata).filter(|package| name(package) == CORE);
    let dependencies = core.flat_map(dependencies).filter(|dependency| dependency["kind"] != "dev");
    let refused = dependencies.filter_map(|dependency| {
        let used = name_of(&dependency["name"]);
        let optional = dependency["optional"] == true;
        let fine = ALLOWED_IN_CORE.contains(&used) && (optional || !OPTIONAL_IN_CORE.contains(&used));
        (!fine).then(|| format!("{CORE} depends on {used}: it is not on the list of what a pure crate may use"))
    });
    refused.collect()
}

fn may_use(user: &str, used: &str, in_tests: bool) -> bool {
    match user {
        // Macros that name core in what they write.
        DERIVE => false,
        CORE => used == DERIVE,
        CONTRACT => used == CORE,
        SERVER => used != CONTRACT || in_tests,
        // It makes the store's calls raw, to hold the server's rate against them.
        BENCH => used == CORE || used == "storage-hub-adapter-minio",
        _ if user.starts_with("storage-hub-adapter-") && used == ACL_DIESEL => true,
        _ if user.starts_with("storage-hub-") => used == CORE || (used == CONTRACT && in_tests),
        // Tools such as xtask know the crates by their names only.
        _ => false,
    }
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().into_iter().flatten()
}

fn name(package: &Value) -> &str {
    name_of(&package["name"])
}

fn name_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependency: &str, kind: Option<&str>, optional: bool) -> Value {
        json!({"packages": [
            {"name": name, "dependencies": [{"name": dependency, "kind": kind, "optional": optional}]}
        ]})
    }

    #[test]
    fn a_dependency_that_points_outwards_is_a_problem() {
        let refused = [
            ("storage-hub-core", "storage-hub-adapter-http", Some("dev")),
            ("storage-hub-core", "storage-hub-port-contract", None),
            ("storage-hub-core-derive", "storage-hub-core", None),
            ("storage-hub-adapter-http", "storage-hub-core-derive", None),
            ("storage-hub-adapter-http", "storage-hub-adapter-minio", None),
            ("storage-hub-adapter-http", "storage-hub-adapter-minio", Some("dev")),
            ("storage-hub-adapter-http", "storage-hub-port-contract", None),
            ("storage-hub-port-contract", "storage-hub-adapter-minio", Some("dev")),
            ("storage-hub-acl-diesel", "storage-hub-adapter-sqlite", None),
            ("storage-hub-server", "storage-hub-port-contract", None),
            ("xtask", "storage-hub-core", None),
        ];
        for (user, used, kind) in refused {
            assert_eq!(outward(&package(user, used, kind, false)).len(), 1, "{user} -> {used} {kind:?}");
        }
        let allowed = [
            ("storage-hub-core", "storage-hub-core-derive", None),
            ("storage-hub-adapter-http", "storage-hub-core", None),
            ("storage-hub-adapter-sqlite", "storage-hub-acl-diesel", None),
            ("storage-hub-adapter-http", "storage-hub-port-contract", Some("dev")),
            ("storage-hub-server", "storage-hub-adapter-http", None),
            ("storage-hub-server", "storage-hub-port-contract", Some("dev")),
            ("xtask", "serde_json", None),
        ];
        for (user, used, kind) in allowed {
            assert!(outward(&package(user, used, kind, false)).is_empty(), "{user} -> {used} {kind:?}");
        }
    }

    #[test]
    fn core_with_a_runtime_is_a_problem() {
        assert_eq!(impure_core(&package(CORE, "tokio", None, false)).len(), 1);
        assert_eq!(impure_core(&package(CORE, "mockall", None, false)).len(), 1);
        assert!(impure_core(&package(CORE, "mockall", None, true)).is_empty());
        assert!(impure_core(&package(CORE, "serde", None, false)).is_empty());
        assert!(impure_core(&package(CORE, "tokio", Some("dev"), false)).is_empty());
    }
}
