use std::iter::Peekable;
use std::vec::IntoIter;

/// Whether these licences suffice for a package with this licence expression; one that cannot be read is not met.
///
/// `/` is the old way to write OR.
pub(super) fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    let mut reader = Reader { words: words.into_iter().peekable(), allowed };
    reader.either() == Some(true) && reader.words.peek().is_none()
}

struct Reader<'a> {
    words: Peekable<IntoIter<String>>,
    allowed: &'a [&'a str],
}

impl Reader<'_> {
    fn either(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.words.next_if(|word| word == "OR").is_some() {
            met |= self.all()?;
        }
        Some(met)
    }

    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.words.next_if(|word| word == "AND").is_some() {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        let mut name = self.words.next()?;
        if name == "(" {
            let met = self.either()?;
            return (self.words.next()? == ")").then_some(met);
        }
        if self.words.next_if(|word| word == "WITH").is_some() {
            name = format!("{name} WITH {}", self.words.next()?);
        }
        Some(self.allowed.contains(&name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_as_they_are_meant() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"];
        for met in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "GPL-3.0 AND ISC OR MIT",
            "Apache-2.0 WITH X OR MIT",
        ] {
            assert!(is_met(met, &allowed), "{met}");
        }
        for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0 WITH X", "(MIT", "MIT)", "MIT MIT", "OR MIT"] {
            assert!(!is_met(unmet, &allowed), "{unmet}");
        }
    }
}
