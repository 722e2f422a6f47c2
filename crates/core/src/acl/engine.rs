//! The engine: the only place where the ACL decides.
//!
//! A walk (`walk`, `guarded`, `authorize`) shows it the grants of each level; it computes whether the subject passes.
//! Checks and explanations run the same code and differ in the [`Record`] that they pass: `()` records nothing and
//! compiles to nothing, `Evidence` collects the reasons. So an explanation cannot disagree with its check.

use std::ops::ControlFlow;

use super::{Nesting, Refusal, Subject};

mod held;
mod record;

use held::Held;
pub(super) use record::{Record, Segment};

/// The state of one decision.
pub(super) struct Engine<'s, R> {
    subject: &'s Subject,
    nesting: Nesting,
    held: Held,
    levels: usize,
    refused: bool,
    pub(super) record: R,
}

/// A grant of a level: text, or a [`Grant`](super::Grant) with its fingerprint.
pub(super) trait Word<'d>: Copy {
    /// The text of the grant.
    fn text(self) -> &'d str;
    /// Its position among the grants of the subject.
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
        // With `EachLevel` no state is carried from one level to the next.
        let carried = if nesting == Nesting::Intersect { subject.grants().len() } else { 0 };
        Self { subject, nesting, held: Held::all_of(carried), levels: 0, refused: false, record }
    }

    /// Evaluates the grants of a level and returns the first one that the subject holds.
    pub(super) fn level<W: Word<'d>>(&mut self, place: R::Place, words: impl Iterator<Item = W>) -> Option<W> {
        // With `EachLevel` the first held grant decides the level.
        let first_settles = !R::COMPLETE && self.nesting == Nesting::EachLevel;
        self.levels += 1;
        self.record.open(place);
        let mut first = None;
        // The held grants of this level as bits, for subjects with up to 64 grants. A local variable, because a field
        // would be written back to memory for each grant.
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

    /// Evaluates a level whose list of grants is invalid: it refuses everyone.
    pub(super) fn fault(&mut self, place: R::Place) {
        self.record.fault(place);
        self.refused = true;
    }

    /// Whether later levels can still change the outcome or are needed for the record.
    pub(super) const fn flow(&self) -> ControlFlow<()> {
        if self.refused && !R::COMPLETE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The outcome. A document without any level is refused.
    pub(super) const fn outcome(&self) -> Result<(), Refusal> {
        if self.levels > 0 && !self.refused { Ok(()) } else { Err(Refusal::of(self.subject)) }
    }
}
