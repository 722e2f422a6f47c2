use std::collections::{BTreeSet, HashSet};

use crate::acl::{Grant, GrantSet};

/// A list of grants in any type: of [`Grant`] or of strings.
pub trait GrantList {
    /// The grants as text, in any order.
    fn texts(&self) -> impl Iterator<Item = &str>;
}

impl GrantList for GrantSet {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.iter().map(Grant::as_str)
    }
}

impl<T: AsRef<str>> GrantList for [T] {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.iter().map(AsRef::as_ref)
    }
}

impl<T: AsRef<str>> GrantList for Vec<T> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.as_slice().texts()
    }
}

impl<T: AsRef<str>> GrantList for BTreeSet<T> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.iter().map(AsRef::as_ref)
    }
}

impl<T: AsRef<str>, S> GrantList for HashSet<T, S> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.iter().map(AsRef::as_ref)
    }
}

impl<G: GrantList + ?Sized> GrantList for &G {
    fn texts(&self) -> impl Iterator<Item = &str> {
        (**self).texts()
    }
}
