use super::tree::{File, Tree};

/// The engine, and what is derived from the levels: the table of actions, and policies with a statement per level.
const ENGINE: [&str; 3] = ["crates/core/src/acl", "crates/core/src/s3_action.rs", "crates/core/src/policy/shard.rs"];
/// Where the engine is called: the use cases of buckets, and those of the S3 endpoint.
const CALLERS: [&str; 2] = ["crates/core/src/use_cases/buckets", "crates/core/src/use_cases/s3"];
/// Whether a user is an administrator is a grant of that user, not a decision about a bucket.
const OWN_GRANTS: &str = "crates/core/src/domain/user.rs";
/// The suites that adapters are tested with.
const SUITES: [&str; 2] = ["crates/port-contract/", "crates/core/src/testing/"];
const COMPARISONS: [&str; 6] = ["==", "!=", ">=", "<=", ">", "<"];

/// Code that decides about access itself, or calls the engine outside of the use cases.
pub(super) fn elsewhere(tree: &Tree) -> Vec<String> {
    let code = tree.files.iter().filter(|file| file.has_extension(&["rs"]) && is_ours(&file.path));
    code.flat_map(decisions).collect()
}

fn is_ours(path: &str) -> bool {
    let in_sources = path.starts_with("crates/") && path.contains("/src/");
    in_sources && !ENGINE.iter().chain(&SUITES).any(|place| path.starts_with(place))
}

fn decisions(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    // Tests are at the end of a file.
    let code = file.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    for (index, line) in code.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
        let what = if calls(line, "authorize(") && !CALLERS.iter().any(|place| file.path.starts_with(place)) {
            "calls the engine; only use cases do that"
        } else if compares(line) {
            "compares levels of access; call acl::authorize"
        } else if compares_grants(line) && file.path != OWN_GRANTS {
            "looks for a grant; call acl::authorize"
        } else {
            continue;
        };
        problems.push(format!("{}:{}: {what}", file.path, index + 1));
    }
    problems
}

fn calls(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        // A method of this name is the use case, which calls the engine.
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') && !line.trim_start().starts_with("use ")
    })
}

/// A level beside an operator: `access >= Access::Write`, `Access::Read <= access`, `entry.access < wanted`.
fn compares(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    let is_level = |word: &&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != ':' && c != '.' && c != '_');
        word.starts_with("Access::") || word.ends_with(".access") || word == "access"
    };
    words.windows(3).any(|three| match three {
        [left, operator, right] => COMPARISONS.contains(operator) && (is_level(left) || is_level(right)),
        _ => false,
    })
}

fn compares_grants(line: &str) -> bool {
    ["subject.holds(", "grants.contains(", "grants().contains("].iter().any(|call| line.contains(call))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        elsewhere(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_decision_outside_of_the_engine_is_a_problem() {
        let handler = "crates/adapter-http/src/endpoints/get_bucket.rs";
        for line in [
            "if authorize(&subject, &entries, wanted).is_allowed() {",
            "if entry.access >= Access::Write {",
            "entries.iter().any(|entry| Access::Read <= entry.access)",
            "match access == wanted {",
            "if user.grants.contains(&Grant::admin()) {",
            "subject.holds(&grant)",
        ] {
            assert_eq!(count(handler, line), 1, "{line}");
            assert_eq!(count("crates/core/src/acl/authorize.rs", line), 0, "{line}");
            assert_eq!(count("crates/server/tests/it/isolation.rs", line), 0, "{line}");
            assert_eq!(count(handler, &format!("#[cfg(test)]\nmod tests {{\n{line}\n}}")), 0, "{line}");
        }
        for line in ["fn access(&self) -> Access {", "// authorize(x) is asked", "name == bucket", "Access::ALL.iter()"]
        {
            assert_eq!(count(handler, line), 0, "{line}");
        }
    }

    #[test]
    fn use_cases_call_the_engine() {
        let line = "    if authorize(&subject, &entries, wanted).is_allowed() {";
        assert_eq!(count("crates/core/src/use_cases/s3/authorize.rs", line), 0);
        assert_eq!(count("crates/core/src/use_cases/buckets/get_bucket.rs", line), 0);
        assert_eq!(count("crates/core/src/use_cases/accounts.rs", line), 1);
    }
}
