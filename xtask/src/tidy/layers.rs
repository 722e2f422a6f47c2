use serde_json::Value;

const CORE: &str = "core";
const CONTRACT: &str = "port-contract";
const SERVER: &str = "server";

/// Which of our crates each of them uses, besides `server`, which uses all, and besides `port-contract`, which the tests of
/// all that use core may use. A crate that is not listed, such as xtask, uses none.
const EDGES: [(&str, &[&str]); 16] = [
    // Macros that name core in what they write.
    ("core-derive", &[]),
    (CORE, &["core-derive"]),
    ("s3-protocol", &[]),
    ("s3-backend", &[CORE, "s3-protocol"]),
    ("s3-client", &["s3-protocol"]),
    ("adapter-s3", &[CORE, "s3-protocol", "s3-backend", "s3-client"]),
    (CONTRACT, &[CORE, "s3-protocol", "s3-backend"]),
    ("acl-diesel", &[CORE]),
    ("sqlite-pool", &[]),
    ("adapter-crypto", &[CORE]),
    ("adapter-embedded", &[CORE, "s3-protocol", "s3-backend", "sqlite-pool"]),
    ("adapter-http", &[CORE]),
    ("adapter-gateway", &[CORE, "s3-protocol", "s3-backend", "s3-client"]),
    ("adapter-minio", &[CORE, "s3-client"]),
    ("adapter-postgres", &[CORE, "acl-diesel"]),
    ("adapter-sqlite", &[CORE, "acl-diesel", "sqlite-pool"]),
];

/// Measures the store's raw calls, to compare the server's rate with them.
const BENCH: (&str, &[&str]) = ("bench-load", &[CORE, "adapter-minio", "s3-client"]);

const PREFIX: &str = "storage-hub-";

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
            if target.starts_with(PREFIX) && !may_use(name, target, in_tests) {
                problems.push(format!("{name} depends on {target}: dependencies point inwards only"));
            }
        }
    }
    problems
}

/// Direct dependencies of core that it must not have.
pub(super) fn impure_core(metadata: &Value) -> Vec<String> {
    let core = packages(metadata).filter(|package| name(package).strip_prefix(PREFIX) == Some(CORE));
    let dependencies = core.flat_map(dependencies).filter(|dependency| dependency["kind"] != "dev");
    let refused = dependencies.filter_map(|dependency| {
        let used = name_of(&dependency["name"]);
        let optional = dependency["optional"] == true;
        let fine = ALLOWED_IN_CORE.contains(&used) && (optional || !OPTIONAL_IN_CORE.contains(&used));
        (!fine).then(|| format!("{PREFIX}{CORE} depends on {used}: it is not on the list of what a pure crate may use"))
    });
    refused.collect()
}

fn may_use(user: &str, used: &str, in_tests: bool) -> bool {
    let Some((user, used)) = user.strip_prefix(PREFIX).zip(used.strip_prefix(PREFIX)) else { return false };
    if user == SERVER {
        return used != CONTRACT || in_tests;
    }
    let Some((_, edges)) = EDGES.into_iter().chain([BENCH]).find(|(listed, _)| *listed == user) else { return false };
    let runs_contract = in_tests && used == CONTRACT && user != CONTRACT && edges.contains(&CORE);
    edges.contains(&used) || runs_contract
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
            ("storage-hub-sqlite-pool", "storage-hub-core", None),
            ("storage-hub-sqlite-pool", "storage-hub-port-contract", Some("dev")),
            ("storage-hub-adapter-minio", "storage-hub-sqlite-pool", None),
            ("storage-hub-adapter-embedded", "storage-hub-acl-diesel", None),
            ("storage-hub-unlisted", "storage-hub-core", None),
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
            ("storage-hub-adapter-sqlite", "storage-hub-sqlite-pool", None),
            ("storage-hub-adapter-embedded", "storage-hub-sqlite-pool", None),
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
        assert_eq!(impure_core(&package("storage-hub-core", "tokio", None, false)).len(), 1);
        assert_eq!(impure_core(&package("storage-hub-core", "mockall", None, false)).len(), 1);
        assert!(impure_core(&package("storage-hub-core", "mockall", None, true)).is_empty());
        assert!(impure_core(&package("storage-hub-core", "serde", None, false)).is_empty());
        assert!(impure_core(&package("storage-hub-core", "tokio", Some("dev"), false)).is_empty());
    }
}
