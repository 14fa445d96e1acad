use std::collections::BTreeMap;

use shell_core::Timestamp;

/// More than any development session needs; a bound all the same.
const CAPACITY: usize = 1_000;

/// Values that can be found by an unguessable name until they expire.
pub(crate) struct Expiring<T>(BTreeMap<String, Entry<T>>);

struct Entry<T> {
    value: T,
    ends: Timestamp,
}

impl<T> Expiring<T> {
    /// Keeps `value` while it is earlier than `ends`. What has expired goes; if
    /// that is not enough, so does what would expire next.
    pub(crate) fn insert(&mut self, name: String, value: T, ends: Timestamp, now: Timestamp) {
        self.0.retain(|_, entry| now < entry.ends);
        if self.0.len() >= CAPACITY {
            let next = self.0.iter().min_by_key(|(_, entry)| entry.ends);
            if let Some(name) = next.map(|(name, _)| name.clone()) {
                self.0.remove(&name);
            }
        }
        self.0.insert(name, Entry { value, ends });
    }

    /// The value of this name and when it ends.
    pub(crate) fn get_mut(&mut self, name: &str, now: Timestamp) -> Option<(&mut T, Timestamp)> {
        let entry = self.0.get_mut(name).filter(|entry| now < entry.ends)?;
        Some((&mut entry.value, entry.ends))
    }

    /// The value of this name.
    pub(crate) fn get(&self, name: &str, now: Timestamp) -> Option<&T> {
        let entry = self.0.get(name).filter(|entry| now < entry.ends)?;
        Some(&entry.value)
    }

    /// Removes the value of this name and returns it if it had not expired.
    pub(crate) fn take(&mut self, name: &str, now: Timestamp) -> Option<T> {
        let entry = self.0.remove(name).filter(|entry| now < entry.ends)?;
        Some(entry.value)
    }

    /// Removes what `forget` names.
    pub(crate) fn forget(&mut self, forget: impl Fn(&T) -> bool) {
        self.0.retain(|_, entry| !forget(&entry.value));
    }
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_expire_and_their_number_is_bounded() {
        let mut values = Expiring::default();
        values.insert("kept".into(), 1, Timestamp(9_999), Timestamp(0));
        values.insert("short".into(), 2, Timestamp(10), Timestamp(0));

        assert_eq!(values.get("short", Timestamp(9)), Some(&2));
        assert_eq!(values.get("short", Timestamp(10)), None);

        for index in 0..2 * CAPACITY {
            values.insert(index.to_string(), 0, Timestamp(100), Timestamp(1));
        }
        assert_eq!(values.0.len(), CAPACITY);
        assert_eq!(values.get("kept", Timestamp(1)), Some(&1));

        values.insert("later".into(), 3, Timestamp(300), Timestamp(200));
        assert_eq!(values.0.len(), 2);
    }
}
