//! Typed data: the trait [`Guarded`], by which a value reports its grants and what is nested in it.

use super::engine::{Engine, Record, Segment};
use super::explain::Evidence;
use super::{AclOptions, Explanation, Refusal, Subject};

mod containers;
mod grant_list;

pub use grant_list::GrantList;

/// A value that carries grants, at any number of levels. [`AclOptions::check_guarded`] checks it as
/// [`AclOptions::check`] checks its JSON.
///
/// # Contract
/// [`Guarded::levels`] reports the value's own grants, if it has any, and all guarded values nested in it. What it
/// does not report is not checked. `#[derive(Guarded)]` (feature `derive`) implements it.
///
/// Typed data cannot be redacted, because what is left need not be a value of its type. Serialize it and redact the
/// JSON with [`AclOptions::redact`], which finds levels by the name of the field in the options and not by this trait.
pub trait Guarded {
    /// Reports the value's own grants and its nested values.
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>);
}

/// Receives what a [`Guarded`] value reports.
#[expect(missing_debug_implementations, reason = "it lives for one call")]
pub struct Levels<'a, 'v> {
    visit: &'v mut dyn Visit<'a>,
}

impl<'a> Levels<'a, '_> {
    /// Reports the grants of the value itself.
    pub fn grants<G: GrantList + ?Sized>(&mut self, grants: &'a G) {
        self.visit.level(&mut grants.texts());
    }

    /// Reports a guarded value in the field with this name. It is visited later, without recursion.
    pub fn nested(&mut self, name: &'a str, value: &'a dyn Guarded) {
        self.visit.nested(Segment::Field(name), value);
    }

    /// Reports a guarded value that is an item of a list.
    pub fn item(&mut self, index: usize, value: &'a dyn Guarded) {
        self.visit.nested(Segment::Item(index), value);
    }
}

impl AclOptions {
    /// Checks that the subject may read the whole value, including all nested values.
    ///
    /// Outcome and cost are those of [`Self::check`] on the JSON of the value.
    ///
    /// # Errors
    /// [`Refusal`] when the subject lacks a grant, when the value has no grants of its own (unless
    /// [`root_must_have_grants`](super::AclOptionsBuilder::root_must_have_grants) is off), and when it has none anywhere.
    pub fn check_guarded<G: Guarded + ?Sized>(&self, subject: &Subject, value: &G) -> Result<(), Refusal> {
        self.decide_guarded(subject, value, ()).0
    }

    /// Decides like [`Self::check_guarded`] and returns the reasons.
    #[must_use]
    pub fn explain_guarded<G: Guarded + ?Sized>(&self, subject: &Subject, value: &G) -> Explanation {
        let (outcome, evidence) = self.decide_guarded(subject, value, Evidence::default());
        evidence.into_explanation(outcome, self.nesting, subject)
    }

    fn decide_guarded<'a, G, R>(&self, subject: &Subject, value: &'a G, record: R) -> (Result<(), Refusal>, R)
    where
        G: Guarded + ?Sized,
        R: Record<'a>,
    {
        let mut engine = Engine::new(subject, self.nesting, record);
        let here = engine.record.root();
        let mut walk = Walk { engine, here, pending: Vec::new() };
        walk.enter(value);
        walk.engine.end_root(self.root_must_have_grants);
        while walk.engine.flow().is_continue()
            && let Some((place, nested)) = walk.pending.pop()
        {
            walk.here = place;
            walk.enter(nested);
        }
        (walk.engine.outcome(), walk.engine.record)
    }
}

trait Visit<'a> {
    fn level(&mut self, texts: &mut dyn Iterator<Item = &'a str>);
    fn nested(&mut self, segment: Segment<'a>, value: &'a dyn Guarded);
}

struct Walk<'a, 's, R: Record<'a>> {
    engine: Engine<'s, R>,
    here: R::Place,
    pending: Vec<(R::Place, &'a dyn Guarded)>,
}

impl<'a, R: Record<'a>> Walk<'a, '_, R> {
    fn enter<G: Guarded + ?Sized>(&mut self, value: &'a G) {
        let already = self.pending.len();
        value.levels(&mut Levels { visit: self });
        // Visit the nested values in order, because a record lists what it finds in this order.
        if R::COMPLETE
            && let Some(found) = self.pending.get_mut(already..)
        {
            found.reverse();
        }
    }
}

impl<'a, R: Record<'a>> Visit<'a> for Walk<'a, '_, R> {
    fn level(&mut self, texts: &mut dyn Iterator<Item = &'a str>) {
        self.engine.level(self.here, texts);
    }

    fn nested(&mut self, segment: Segment<'a>, value: &'a dyn Guarded) {
        let place = self.engine.record.child(self.here, segment);
        self.pending.push((place, value));
    }
}
