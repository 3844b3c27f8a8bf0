//! What becomes of the indices of one kind.

/// An index space: for each old index the new one, or what was there that is gone.
pub(super) struct Space<T> {
    places: Vec<Place<T>>,
    n_kept: u32,
}

enum Place<T> {
    Kept(u32),
    Gone(T),
}

impl<T> Default for Space<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            n_kept: 0,
        }
    }
}

impl<T> Space<T> {
    /// Counts a definition that stays.
    pub(super) fn keep(&mut self) {
        self.places.push(Place::Kept(self.n_kept));
        self.n_kept += 1;
    }

    /// Counts one that goes, and notes what it was.
    pub(super) fn lose(&mut self, what: T) {
        self.places.push(Place::Gone(what));
    }

    /// What was at index `old`, where that is gone.
    pub(super) fn lost(&self, old: u32) -> Option<&T> {
        match self.places.get(old as usize)? {
            Place::Gone(what) => Some(what),
            Place::Kept(_) => None,
        }
    }

    /// The new index of `old`, where that stays.
    pub(super) fn kept(&self, old: u32) -> Option<u32> {
        match self.places.get(old as usize)? {
            Place::Kept(new) => Some(*new),
            Place::Gone(_) => None,
        }
    }
}
