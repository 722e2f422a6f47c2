use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::{Guarded, Levels};

impl<T: Guarded + ?Sized> Guarded for &T {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        (**self).levels(levels);
    }
}

impl<T: Guarded + ?Sized> Guarded for Box<T> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        (**self).levels(levels);
    }
}

impl<T: Guarded + ?Sized> Guarded for Rc<T> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        (**self).levels(levels);
    }
}

impl<T: Guarded + ?Sized> Guarded for Arc<T> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        (**self).levels(levels);
    }
}

/// `None` has no grants and nothing nested in it.
impl<T: Guarded> Guarded for Option<T> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        if let Some(value) = self {
            value.levels(levels);
        }
    }
}

impl<T: Guarded> Guarded for [T] {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        for (index, item) in self.iter().enumerate() {
            levels.item(index, item);
        }
    }
}

impl<T: Guarded, const N: usize> Guarded for [T; N] {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        self.as_slice().levels(levels);
    }
}

impl<T: Guarded> Guarded for Vec<T> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        self.as_slice().levels(levels);
    }
}

impl<K: AsRef<str>, V: Guarded> Guarded for BTreeMap<K, V> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        for (name, value) in self {
            levels.nested(name.as_ref(), value);
        }
    }
}

impl<K: AsRef<str>, V: Guarded, S> Guarded for HashMap<K, V, S> {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        for (name, value) in self {
            levels.nested(name.as_ref(), value);
        }
    }
}
