use super::{Explanation, Need, Problem};
use crate::acl::engine::{Record, Segment};
use crate::acl::{Grant, GrantSet, Nesting, Refusal, Subject};

const MAX_NEEDS: usize = 32;
const MAX_STEPS: usize = 32;

/// What the engine saw: the material of an [`Explanation`].
#[derive(Default)]
pub(in crate::acl) struct Evidence<'d> {
    // Parent and step of each place. The root is place 0 and is not listed, so place N is at index N - 1.
    places: Vec<(usize, Segment<'d>)>,
    levels: usize,
    at: usize,
    words: Vec<&'d str>,
    // The grants that every level so far has.
    common: Vec<&'d str>,
    // The grant that met each level, for `EachLevel`.
    met_by: Vec<&'d str>,
    unmet: Vec<(usize, Vec<&'d str>)>,
    more_unmet: usize,
    fault: Option<usize>,
    has_bare_root: bool,
}

impl<'d> Record<'d> for Evidence<'d> {
    type Place = usize;
    const COMPLETE: bool = true;

    fn root(&mut self) -> usize {
        0
    }

    fn child(&mut self, parent: usize, segment: Segment<'d>) -> usize {
        self.places.push((parent, segment));
        self.places.len()
    }

    fn open(&mut self, place: usize) {
        self.at = place;
        self.words.clear();
    }

    fn word(&mut self, text: &'d str) {
        self.words.push(text);
    }

    fn close(&mut self, held: Option<&'d str>) {
        self.words.sort_unstable();
        self.words.dedup();
        if self.levels == 0 {
            self.common.clone_from(&self.words);
        } else {
            let words = &self.words;
            self.common.retain(|text| words.binary_search(text).is_ok());
        }
        self.levels += 1;
        match held {
            Some(text) => self.met_by.push(text),
            None if self.unmet.len() < MAX_NEEDS => self.unmet.push((self.at, self.words.clone())),
            None => self.more_unmet += 1,
        }
    }

    fn fault(&mut self, place: usize) {
        self.fault = self.fault.or(Some(place));
    }

    fn bare_root(&mut self) {
        self.has_bare_root = true;
    }
}

impl Evidence<'_> {
    /// Builds the explanation of this outcome.
    pub(in crate::acl) fn into_explanation(
        self,
        outcome: Result<(), Refusal>,
        nesting: Nesting,
        subject: &Subject,
    ) -> Explanation {
        let nothing = Explanation {
            refusal: outcome.err(),
            granted_by: GrantSet::default(),
            needs: Vec::new(),
            more_needs: 0,
            problem: None,
        };
        if outcome.is_err()
            && let Some(problem) = self.problem()
        {
            return Explanation { problem: Some(problem), ..nothing };
        }
        match (outcome, nesting) {
            (Ok(()), Nesting::Intersect) => {
                let held = grants(&self.common).into_iter().filter(|grant| subject.holds(grant));
                Explanation { granted_by: held.collect(), ..nothing }
            }
            (Ok(()), Nesting::EachLevel) => Explanation { granted_by: grants(&self.met_by), ..nothing },
            (Err(_), Nesting::Intersect) => {
                let need = Need { path: String::new(), one_of: grants(&self.common) };
                Explanation { needs: vec![need], ..nothing }
            }
            (Err(_), Nesting::EachLevel) => {
                let needs = self.unmet.iter();
                let needs = needs.map(|(place, words)| Need { path: self.path(*place), one_of: grants(words) });
                Explanation { needs: needs.collect(), more_needs: self.more_unmet, ..nothing }
            }
        }
    }

    fn problem(&self) -> Option<Problem> {
        match self.fault {
            Some(place) => Some(Problem::NotGrants(self.path(place))),
            None if self.levels == 0 => Some(Problem::NoGrants),
            None => self.has_bare_root.then_some(Problem::NoRootGrants),
        }
    }

    // Keeps only the last steps of a long path. Otherwise a document of N nested objects would cost N² bytes of paths.
    fn path(&self, mut place: usize) -> String {
        let mut steps = Vec::new();
        while let Some((parent, segment)) = place.checked_sub(1).and_then(|index| self.places.get(index)) {
            if steps.len() == MAX_STEPS {
                steps.push("…".to_owned());
                break;
            }
            steps.push(match segment {
                Segment::Field(name) => name.chars().take(Grant::MAX_BYTES).collect(),
                Segment::Item(index) => index.to_string(),
            });
            place = *parent;
        }
        steps.reverse();
        steps.join(".")
    }
}

// Drops texts that are not valid grants, because nobody can hold them.
fn grants(texts: &[&str]) -> GrantSet {
    texts.iter().filter_map(|text| Grant::parse(*text).ok()).collect()
}
