use std::ffi::OsString;

use super::*;

const DOCUMENTS: [(&str, &str); 4] = [
    ("README.md", include_str!("../../../../README.md")),
    ("SECURITY.md", include_str!("../../../../SECURITY.md")),
    ("docker/README.md", include_str!("../../../../docker/README.md")),
    ("docker/compose.yaml", include_str!("../../../../docker/compose.yaml")),
];

fn parse_words(words: &[&str]) -> Result<Invocation, clap::Error> {
    parse(["storage-hub"].iter().chain(words).map(OsString::from))
}

fn values(words: &[&str]) -> Vec<(String, String)> {
    let overrides = parse_words(words).unwrap().overrides;
    overrides.values.into_iter().map(|(_, key, value)| (key, value.to_string())).collect()
}

#[test]
fn the_command_line_is_consistent() {
    command().debug_assert();
}

#[test]
fn flags_count_before_and_after_the_command() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    for words in [
        ["--data-dir", "x", "--set", "s3.region=a", "config"].as_slice(),
        &["--data-dir", "x", "config", "--set", "s3.region=a"],
        &["config", "--data-dir", "x", "--set", "s3.region=a"],
        &["--data-dir", "x", "admin", "--set", "s3.region=a", "promote", "you@example.com"],
        &["admin", "promote", "you@example.com", "--data-dir", "x", "--set", "s3.region=a"],
        &["--data-dir=x", "--set=s3.region=a"],
    ] {
        assert_eq!(values(words), [pair("data_dir", "x"), pair("s3.region", "a")], "{words:?}");
    }
    let both = values(&["--set", "s3.region=a", "config", "--set", "s3.region=b"]);
    assert_eq!(both, [pair("s3.region", "a"), pair("s3.region", "b")]);
    let file = |words: &[&str]| parse_words(words).unwrap().overrides.file.unwrap();
    assert_eq!(file(&["--config", "a", "doctor"]), file(&["doctor", "--config", "a"]));
    assert_eq!(file(&["-c", "a", "doctor", "-c", "b"]), std::path::Path::new("b"));
}

#[test]
fn a_malformed_setting_is_explained_without_its_text() {
    for words in [
        ["--set", "hunter22"].as_slice(),
        &["--set", "=hunter22"],
        &["--set", "store.secret_key", "hunter22"],
        &["config", "--set", "store.secret_key", "hunter22"],
    ] {
        let message = parse_words(words).err().unwrap().to_string();
        assert!(message.contains("KEY=VALUE") && !message.contains("hunter22"), "{words:?}: {message}");
    }
}

#[test]
fn listening_flags_are_shown_where_they_matter() {
    for (words, shown) in [
        (["--help"].as_slice(), true),
        (&["serve", "--help"], true),
        (&["migrate", "--help"], false),
        (&["completions", "--help"], false),
        (&["admin", "promote", "--help"], false),
    ] {
        let help = parse_words(words).err().unwrap().to_string();
        assert_eq!(help.contains("--api-listen"), shown, "{help}");
        assert!(help.contains("--config"), "{help}");
    }
    let help = parse_words(&["admin", "--help"]).err().unwrap().to_string();
    assert!(help.contains("Usage: storage-hub admin [OPTIONS] <COMMAND>"), "{help}");
}

/// What documents tell people to type, with a value for each placeholder.
fn documented() -> Vec<(&'static str, Vec<String>)> {
    let mut lines = Vec::new();
    for (name, text) in DOCUMENTS {
        // Code blocks are lines, everything else has commands between backticks.
        for (position, part) in text.split("```").enumerate() {
            let inside_block = position % 2 == 1;
            let candidates: Vec<&str> = match inside_block {
                true => part.lines().collect(),
                false => part.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect(),
            };
            lines.extend(candidates.into_iter().filter_map(arguments).map(|words| (name, words)));
        }
    }
    lines
}

/// The words behind the program's name in a line that runs it, itself or in a container.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.split(['|', '#', '>']).next().unwrap_or(line);
    let line = line.split("&&").next().unwrap_or(line);
    let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "\\" && *word != "$").collect();
    let at = words.iter().rposition(|word| *word == "storage-hub" || word.ends_with("bin/storage-hub"))?;
    let runs = match words.first() {
        Some(&"docker") => words.contains(&"exec") || words.contains(&"run"),
        first => first == words.get(at) || first == Some(&"sudo"),
    };
    let words = words.get(at + 1..)?.iter().map(|word| word.trim_matches(['[', ']', '\'', '"']));
    runs.then(|| words.map(placeholder).collect())
}

fn placeholder(word: &str) -> String {
    match word {
        "SHELL" => "bash",
        "COMMAND" => "serve",
        "EMAIL" => "you@example.com",
        "KEY=VALUE" | "…" => "--set=store.kind=minio",
        other => other,
    }
    .to_owned()
}

#[test]
fn every_documented_command_is_one() {
    let mut documented = documented();
    let readme = DOCUMENTS[0].1;
    let (_, section) = readme.split_once("\n## Commands\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split('`').skip(1).step_by(2));
    documented
        .extend(cells.filter_map(|cell| arguments(&format!("storage-hub {cell}"))).map(|words| ("README", words)));
    for row in DOCUMENTS[3].1.lines() {
        if let Some(list) = row.trim().strip_prefix("command: [") {
            let words = list.trim_end_matches(']').split(", ").map(str::to_owned).collect();
            documented.push(("docker/compose.yaml", words));
        }
    }
    assert!(documented.iter().any(|(name, words)| *name == "docker/README.md" && words.contains(&"doctor".to_owned())));
    assert!(documented.iter().any(|(name, _)| *name == "docker/compose.yaml"));
    assert!(documented.len() > 15, "{documented:?}");
    for (name, words) in documented {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match parse_words(&words) {
            Ok(_) => {}
            Err(error) => assert!(!error.use_stderr(), "{name}: storage-hub {}: {error}", words.join(" ")),
        }
    }
    for below in command().get_subcommands() {
        let name = below.get_name();
        assert!(section.contains(&format!("`{name}")), "the README does not list the command {name}");
    }
}
