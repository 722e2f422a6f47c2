/// What is written down while the engine decides; nothing of it changes the outcome.
pub(in crate::acl) trait Record<'d> {
    /// Where a level stands.
    type Place: Copy;
    /// Whether all levels are wanted, also those that cannot change the outcome any more.
    const COMPLETE: bool;

    /// Where the document itself stands.
    fn root(&mut self) -> Self::Place;
    /// What stands inside of another place.
    fn child(&mut self, parent: Self::Place, segment: Segment<'d>) -> Self::Place;
    /// A level begins.
    fn open(&mut self, place: Self::Place);
    /// It has this grant.
    fn word(&mut self, text: &'d str);
    /// It ends; the first of its grants that the subject holds.
    fn close(&mut self, held: Option<&'d str>);
    /// A level's grants are none.
    fn fault(&mut self, place: Self::Place);
    /// The document lacks grants of its own, which the options demand.
    fn bare_root(&mut self);
}

/// One step into a document.
#[derive(Clone, Copy, Debug)]
pub(in crate::acl) enum Segment<'d> {
    /// Into the field of this name.
    Field(&'d str),
    /// To the item with this index.
    Item(usize),
}

/// Nothing is written down.
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
