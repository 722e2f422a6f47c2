//! What the engine reports while it decides. Nothing here changes the outcome.

/// Receives each step of a decision.
pub(in crate::acl) trait Record<'d> {
    /// The place of an object in the document.
    type Place: Copy;
    /// Whether the record needs all levels, including those that cannot change the outcome any more.
    const COMPLETE: bool;

    /// The place of the document itself.
    fn root(&mut self) -> Self::Place;
    /// The place of something inside another place.
    fn child(&mut self, parent: Self::Place, segment: Segment<'d>) -> Self::Place;
    /// A level begins.
    fn open(&mut self, place: Self::Place);
    /// The level has this grant.
    fn word(&mut self, text: &'d str);
    /// The level ends; `held` is the first of its grants that the subject holds.
    fn close(&mut self, held: Option<&'d str>);
    /// The grants of an object are invalid.
    fn fault(&mut self, place: Self::Place);
    /// The document lacks grants of its own, which the options demand.
    fn bare_root(&mut self);
}

/// A step into a document.
#[derive(Clone, Copy, Debug)]
pub(in crate::acl) enum Segment<'d> {
    /// Into the field with this name.
    Field(&'d str),
    /// Into the item with this index.
    Item(usize),
}

/// Records nothing.
impl<'d> Record<'d> for () {
    type Place = ();
    const COMPLETE: bool = false;

    fn root(&mut self) {}
    fn child(&mut self, (): (), _: Segment<'d>) {}
    fn open(&mut self, (): ()) {}
    fn word(&mut self, _: &'d str) {}
    fn close(&mut self, _: Option<&'d str>) {}
    fn fault(&mut self, (): ()) {}
    fn bare_root(&mut self) {}
}
