//! Keeps what a machine can check of plain language: idioms of this codebase's past, and the form of error messages.

use super::tree::{File, Tree};

const TEXTS: [&str; 8] = ["rs", "md", "toml", "py", "sh", "sql", "ts", "yaml"];

/// Phrases that a reader from another project would have to translate, and what to write instead.
const IDIOMS: [(&str, &str); 31] = [
    ("who asks", "the caller"),
    ("whoever asks", "the caller"),
    ("of those who", "of the users (clients, …) that"),
    ("to those who", "to the users (clients, …) that"),
    ("of who", "of a caller (user, …) that"),
    ("to who", "to a caller (user, …) that"),
    ("for who", "for a caller (user, …) that"),
    ("for ever", "without a limit, or: forever"),
    ("anew", "again"),
    ("so many", "this many, or a number"),
    ("written down", "recorded"),
    ("mend", "repair"),
    ("mends", "repairs"),
    ("mended", "repaired"),
    ("carry out", "apply, or: run"),
    ("carries out", "applies, or: runs"),
    ("carried out", "applied, or: run"),
    ("not there", "missing, does not exist, or: not implemented"),
    ("there twice", "given more than once"),
    ("does not fit", "is invalid, or: does not match"),
    ("do not fit", "are invalid, or: do not match"),
    ("whatever becomes", "regardless of"),
    ("stands on", "depends on"),
    ("stand on", "depend on"),
    ("as they like", "unlimited"),
    ("sign of life", "response"),
    ("left lying", "left"),
    ("at the most", "at most, or: the maximum"),
    ("at the least", "at least, or: the minimum"),
    ("is away", "is unavailable"),
    ("are away", "are unavailable"),
];

/// Continuations with which a phrase is ordinary English.
const ORDINARY: [(&str, &str); 3] = [("does not fit", " in"), ("do not fit", " in"), ("for who", " in ")];

/// Words after `is no` and `are no` with which these are ordinary English.
const AFTER_NO: [&str; 6] = ["longer", "more", "less", "other", "different", "way"];

/// The file that is not checked: this one.
const EXEMPT: &str = "xtask/src/tidy/language.rs";

/// Idioms in text files, and error messages in another form than the rest.
pub(super) fn unplain(tree: &Tree) -> Vec<String> {
    let texts = tree.files.iter().filter(|file| file.has_extension(&TEXTS));
    texts.filter(|file| file.path != EXEMPT).flat_map(problems).collect()
}

fn problems(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let line = line.to_lowercase();
        let found = IDIOMS.iter().filter(|(idiom, _)| has(&line, idiom));
        let place = format!("{}:{}", file.path, index + 1);
        problems.extend(found.map(|(idiom, better)| format!("{place}: instead of `{idiom}` write: {better}")));
        if ["is no ", "are no "].iter().any(|phrase| negates_a_noun(&line, phrase)) {
            problems.push(format!("{place}: instead of `is no X` write: is not an X, or: is not valid X"));
        }
    }
    let messages = error_messages(&file.text).into_iter();
    problems.extend(messages.filter_map(|(line, message)| {
        Some(format!("{}:{line}: the error message `{message}` {}", file.path, fault_of(message)?))
    }));
    problems
}

/// Whether a line in lower case has the phrase as whole words, and not as part of ordinary English.
fn has(line: &str, phrase: &str) -> bool {
    let is_part_of_a_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices(phrase).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let rest = line.get(at + phrase.len()..).unwrap_or_default();
        let whole = !before.is_some_and(is_part_of_a_word) && !rest.starts_with(is_part_of_a_word);
        whole && !ORDINARY.iter().any(|(ordinary, next)| *ordinary == phrase && rest.starts_with(next))
    })
}

/// `is no X` without a `there` before it.
fn negates_a_noun(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let next = line.get(at + phrase.len()..).unwrap_or_default();
        let next = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let whole = before.ends_with(' ') && !next.is_empty();
        whole && !before.trim_end().ends_with("there") && !AFTER_NO.contains(&next)
    })
}

/// The texts of `#[error("…")]`, with their lines.
fn error_messages(text: &str) -> Vec<(usize, &str)> {
    let attributes = text.match_indices("#[error(").filter_map(|(at, attribute)| {
        let rest = text.get(at + attribute.len()..)?.trim_start().strip_prefix('"')?;
        let end =
            rest.char_indices().find(|(index, c)| *c == '"' && !rest.get(..*index).is_some_and(|s| s.ends_with('\\')));
        Some((text.get(..at)?.lines().count().max(1), rest.get(..end?.0)?))
    });
    attributes.collect()
}

/// What is wrong with the form of an error message. A name such as `MinIO`, `S3` or `Content-Type` may begin it.
fn fault_of(message: &str) -> Option<&'static str> {
    let first = message.split(' ').next().unwrap_or_default();
    let is_name = first.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit() || c == '-');
    if first.starts_with(char::is_uppercase) && !is_name && !PRESCRIBED.iter().any(|text| message.starts_with(text)) {
        Some("begins with a capital letter")
    } else if message.ends_with('.') && !message.ends_with("..") {
        Some("ends with a full stop")
    } else {
        None
    }
}

/// Messages that the document of the ACL prescribes.
const PRESCRIBED: [&str; 1] = ["Missing required Grants"];

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        unplain(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn an_idiom_is_a_problem_that_names_a_better_phrase() {
        let problems = unplain(&Tree::of(&[("a.md", "fine\nOnly Who Asks can see it.\n")]));
        assert_eq!(problems, ["a.md:2: instead of `who asks` write: the caller"]);
        for line in ["the body is no JSON", "these are no grants", "it was read anew", "limit is there twice"] {
            assert_eq!(count("a.rs", line), 1, "{line}");
            assert_eq!(count("a.png", line), 0, "{line}");
            assert_eq!(count(EXEMPT, line), 0, "{line}");
        }
    }

    #[test]
    fn ordinary_english_is_fine() {
        for line in [
            "there is no bucket",
            "it is no longer valid",
            "mend_namesake(key)",
            "recommend",
            "it does not fit into 4 KiB",
            "for who in [1, 2] {",
        ] {
            assert_eq!(count("a.rs", line), 0, "{line}");
        }
    }

    #[test]
    fn an_error_message_begins_in_lower_case_and_has_no_full_stop() {
        let error = |message: &str| format!("enum E {{\n    #[error({message:?})]\n    A,\n}}\n");
        for message in ["The token is invalid", "the token is invalid."] {
            assert_eq!(count("a.rs", &error(message)), 1, "{message}");
        }
        for message in
            ["the token is invalid", "`{0}` is missing", "{0}", "MinIO did not respond", "S3 refused", "and so on..."]
        {
            assert_eq!(count("a.rs", &error(message)), 0, "{message}");
        }
        let wrapped = "#[error(\n    \"No\"\n)]";
        assert_eq!(count("a.rs", wrapped), 1);
    }
}
