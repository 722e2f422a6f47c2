use std::ops::ControlFlow;

use super::{Nesting, Refusal, Subject};

mod held;
mod record;

use held::Held;
pub(super) use record::{Record, Segment};

/// The one place where it is decided: it is shown the grants of every level, and says whether the subject passes.
///
/// Plain checks and explanations are the same function; they differ in what is recorded on the way (`()` is nothing).
pub(super) struct Engine<'s, R> {
    subject: &'s Subject,
    nesting: Nesting,
    held: Held,
    levels: usize,
    refused: bool,
    pub(super) record: R,
}

/// A grant as it stands on a level.
pub(super) trait Word<'d>: Copy {
    /// Its text.
    fn text(self) -> &'d str;
    /// Where it stands among the grants of the subject.
    fn position(self, subject: &Subject) -> Option<usize>;
}

impl<'d> Word<'d> for &'d str {
    fn text(self) -> &'d str {
        self
    }

    fn position(self, subject: &Subject) -> Option<usize> {
        subject.position_of_text(self)
    }
}

impl<'d> Word<'d> for &'d super::Grant {
    fn text(self) -> &'d str {
        self.as_str()
    }

    fn position(self, subject: &Subject) -> Option<usize> {
        subject.position(self)
    }
}

impl<'s, 'd, R: Record<'d>> Engine<'s, R> {
    pub(super) fn new(subject: &'s Subject, nesting: Nesting, record: R) -> Self {
        // Where each level stands for itself, nothing is carried from one to the next.
        let carried = if nesting == Nesting::Intersect { subject.grants().len() } else { 0 };
        Self { subject, nesting, held: Held::all_of(carried), levels: 0, refused: false, record }
    }

    /// Takes in the grants of a level; the first of them that the subject holds.
    pub(super) fn level<W: Word<'d>>(&mut self, place: R::Place, words: impl Iterator<Item = W>) -> Option<W> {
        // Where each level stands for itself, the first grant that is held settles it.
        let first_settles = !R::COMPLETE && self.nesting == Nesting::EachLevel;
        self.levels += 1;
        self.record.open(place);
        let mut first = None;
        // Of up to 64 grants, those that this level has: kept here, for speed.
        let mut few = 0;
        for word in words {
            self.record.word(word.text());
            if let Some(position) = word.position(self.subject) {
                first = first.or(Some(word));
                if first_settles {
                    break;
                }
                self.held.mark(position, &mut few);
            }
        }
        self.record.close(first.map(Word::text));
        let some_are_left = self.held.keep_marked(few);
        let met = match self.nesting {
            Nesting::Intersect => some_are_left,
            Nesting::EachLevel => first.is_some(),
        };
        self.refused |= !met;
        first
    }

    /// Ends the root: every level and fault reported so far is its own. With `root_must_have_grants` a root without
    /// any is refused, so that what is nested in it cannot open it.
    #[inline]
    pub(super) fn end_root(&mut self, root_must_have_grants: bool) {
        if root_must_have_grants && self.levels == 0 && !self.refused {
            self.record.bare_root();
            self.refused = true;
        }
    }

    /// Takes in a level whose grants are none.
    pub(super) fn fault(&mut self, place: R::Place) {
        self.record.fault(place);
        self.refused = true;
    }

    /// Whether anything that follows can still matter.
    pub(super) const fn flow(&self) -> ControlFlow<()> {
        if self.refused && !R::COMPLETE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether the subject passes: not where there was no level at all.
    pub(super) const fn outcome(&self) -> Result<(), Refusal> {
        if self.levels > 0 && !self.refused { Ok(()) } else { Err(Refusal::of(self.subject)) }
    }
}
