//! The cache: a hash table of entries, each of which is in a list by age as well.

use alloc::boxed::Box;
use core::{
    hash::{BuildHasherDefault, Hasher},
    ptr::NonNull,
};

use hashbrown::HashMap;

/// A key and its value, between its neighbours in age.
struct Entry {
    key: u32,
    value: Box<[u8]>,
    newer: Option<NonNull<Entry>>,
    older: Option<NonNull<Entry>>,
}

/// Invariant: the table's pointers are boxes that the cache owns, each of them once in the list from `newest` to `oldest`.
pub(crate) struct Cache {
    table: HashMap<u32, NonNull<Entry>, BuildHasherDefault<Mixed>>,
    newest: Option<NonNull<Entry>>,
    oldest: Option<NonNull<Entry>>,
    most: usize,
}

impl Cache {
    /// A cache of `most` entries, at least 1.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            table: HashMap::default(),
            newest: None,
            oldest: None,
            most,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        // SAFETY: the invariant; `self` is borrowed meanwhile.
        (self.table.values()).map(|entry| unsafe { &*entry.as_ref().value })
    }

    /// The value of `key`, which is the newest from now on.
    pub(crate) fn get(&mut self, key: u32) -> Option<&[u8]> {
        let entry = *self.table.get(&key)?;
        self.renew(entry);
        // SAFETY: the invariant; `self` is borrowed for as long as the value is.
        Some(unsafe { &entry.as_ref().value })
    }

    /// Makes `value` that of `key`, and the newest. Returns the key that had to go for it.
    pub(crate) fn put(&mut self, key: u32, value: Box<[u8]>) -> Option<u32> {
        if let Some(entry) = self.table.get(&key) {
            let mut entry = *entry;
            // SAFETY: the invariant; nobody else has a reference.
            unsafe { entry.as_mut().value = value };
            self.renew(entry);
            return None;
        }
        let evicted = (self.table.len() == self.most).then(|| self.drop_oldest());
        let entry = NonNull::from(Box::leak(Box::new(Entry {
            key,
            value,
            newer: None,
            older: None,
        })));
        self.table.insert(key, entry);
        self.push(entry);
        evicted.flatten()
    }

    fn drop_oldest(&mut self) -> Option<u32> {
        let oldest = self.oldest?;
        self.unlink(oldest);
        // SAFETY: by the invariant a box, now in the table alone, and there no longer after this.
        let entry = unsafe { Box::from_raw(oldest.as_ptr()) };
        self.table.remove(&entry.key);
        Some(entry.key)
    }

    fn renew(&mut self, entry: NonNull<Entry>) {
        if self.newest != Some(entry) {
            self.unlink(entry);
            self.push(entry);
        }
    }

    /// Takes an entry out of the list.
    fn unlink(&mut self, entry: NonNull<Entry>) {
        // SAFETY: the invariant: the entry and its neighbours are live, and no reference to one is held.
        unsafe {
            let (newer, older) = (entry.as_ref().newer, entry.as_ref().older);
            match newer {
                Some(mut newer) => newer.as_mut().older = older,
                None => self.newest = older,
            }
            match older {
                Some(mut older) => older.as_mut().newer = newer,
                None => self.oldest = newer,
            }
        }
    }

    /// Puts an entry that is in no list at the new end.
    fn push(&mut self, mut entry: NonNull<Entry>) {
        // SAFETY: the invariant: the entry and the newest one are live, and no reference to one is held.
        unsafe {
            entry.as_mut().newer = None;
            entry.as_mut().older = self.newest;
            match self.newest {
                Some(mut newest) => newest.as_mut().newer = Some(entry),
                None => self.oldest = Some(entry),
            }
        }
        self.newest = Some(entry);
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        while self.drop_oldest().is_some() {}
    }
}

/// A hash of one number: the table looks at the upper bits and the lower ones.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
