use super::tree::{File, Tree};

const THINK_AT: usize = 400;
const TOO_LONG: usize = 600;
const SOURCES: [&str; 6] = ["rs", "sql", "sh", "py", "yaml", "toml"];
const NAMES_THAT_SAY_NOTHING: [&str; 8] =
    ["mod.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs", "helper.rs", "misc.rs", "prelude.rs"];
// Each in two pieces, so that this file does not violate its own rule.
const UNFINISHED: [(&str, &str); 4] = [("todo", "!("), ("unimplemented", "!("), ("dbg", "!("), ("#[ign", "ore")];
const MACHINE_PATHS: [(&str, &str); 3] = [("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/")];

/// A long file.
pub(super) struct Length {
    path: String,
    lines: usize,
}

impl Length {
    /// The problem of a file that is too long.
    pub(super) fn problem(self) -> Option<String> {
        let Self { path, lines } = self;
        (lines > TOO_LONG).then(|| format!("{path} has {lines} lines; split it below {TOO_LONG}"))
    }

    /// The warning for a file that soon is too long.
    pub(super) fn warning(self) -> Option<String> {
        let Self { path, lines } = self;
        (lines <= TOO_LONG).then(|| format!("{path} has {lines} lines; think about splitting it"))
    }
}

/// Source files that are so long that they should be split.
pub(super) fn long_files(tree: &Tree) -> Vec<Length> {
    let sources = tree.files.iter().filter(|file| file.has_extension(&SOURCES));
    let lengths = sources.map(|file| Length { path: file.path.clone(), lines: file.text.lines().count() });
    lengths.filter(|file| file.lines > THINK_AT).collect()
}

/// Files with a name that does not describe their content.
pub(super) fn bad_names(tree: &Tree) -> Vec<String> {
    let bad = tree.files.iter().filter(|file| NAMES_THAT_SAY_NOTHING.contains(&file.name()));
    bad.map(|file| format!("{}: name it after what is in it (foo.rs beside foo/, no mod.rs)", file.path)).collect()
}

/// Unfinished code and leftovers of debugging.
pub(super) fn unfinished(tree: &Tree) -> Vec<String> {
    let code = tree.files.iter().filter(|file| file.has_extension(&["rs"]));
    lines_with(code, &UNFINISHED, |_| true).collect()
}

/// Paths that exist on one machine only.
pub(super) fn machine_paths(tree: &Tree) -> Vec<String> {
    lines_with(tree.files.iter(), &MACHINE_PATHS, |rest| {
        rest.starts_with(|next: char| next.is_alphanumeric() || next == '.')
    })
    .collect()
}

fn lines_with<'a>(
    files: impl Iterator<Item = &'a File> + 'a,
    patterns: &'a [(&str, &str)],
    counts: fn(&str) -> bool,
) -> impl Iterator<Item = String> + 'a {
    files.flat_map(move |file| {
        file.text.lines().enumerate().flat_map(move |(index, line)| {
            patterns.iter().filter_map(move |(start, end)| {
                let pattern = format!("{start}{end}");
                let found = line.match_indices(&pattern).any(|(at, _)| {
                    let before = line.get(..at).and_then(|text| text.chars().next_back());
                    let rest = line.get(at + pattern.len()..).unwrap_or_default();
                    !before.is_some_and(|c| c.is_alphanumeric() || "._-}".contains(c)) && counts(rest)
                });
                found.then(|| format!("{}:{}: {pattern} has no place here", file.path, index + 1))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_limit_is_a_problem_and_one_near_it_a_warning() {
        let lines = |count| "x\n".repeat(count);
        let (short, near, long) = (lines(400), lines(401), lines(601));
        let tree = Tree::of(&[("a.rs", &short), ("b.rs", &near), ("c.rs", &long), ("Cargo.lock", &long)]);
        let problems: Vec<_> = long_files(&tree).into_iter().filter_map(Length::problem).collect();
        assert_eq!(problems, ["c.rs has 601 lines; split it below 600"]);
        let warnings: Vec<_> = long_files(&tree).into_iter().filter_map(Length::warning).collect();
        assert_eq!(warnings, ["b.rs has 401 lines; think about splitting it"]);
    }

    #[test]
    fn a_name_that_says_nothing_is_a_problem() {
        let tree =
            Tree::of(&[("crates/a/src/mod.rs", ""), ("crates/a/src/utils.rs", ""), ("crates/a/src/model.rs", "")]);
        assert_eq!(bad_names(&tree).len(), 2);
    }

    #[test]
    fn unfinished_code_is_a_problem() {
        let text: String = UNFINISHED.iter().map(|(start, end)| format!("    {start}{end}x)\n")).collect();
        let tree = Tree::of(&[("a.rs", &text), ("a.md", &text), ("b.rs", "my_dbg!(x)")]);
        let problems = unfinished(&tree);
        assert_eq!(problems.len(), 4);
        assert!(problems[2].starts_with("a.rs:3: "), "{problems:?}");
    }

    #[test]
    fn a_path_of_one_machine_is_a_problem() {
        let (root, home) = (["/ro", "ot/x"].concat(), ["see /ho", "me/anna/x"].concat());
        let fine = ["https://example.com/ho", "me/anna ${HOME}/ro", "ot/x"].concat();
        let tree = Tree::of(&[("a.md", &root), ("b.sh", &home), ("c.md", &fine)]);
        let problems = machine_paths(&tree);
        assert_eq!(problems.iter().map(|problem| &problem[..4]).collect::<Vec<_>>(), ["a.md", "b.sh"]);
    }
}
