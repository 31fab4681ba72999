//! A list that grows by one page at a time: what is in it is never copied to make room for more, and what it takes beyond
//! that is less than a page.

/// Entries of a page. A power of two, so that the first page, which grows as it fills, ends without slack.
const PAGE: usize = 1 << 10;

/// A list in pages, all of them full but the last.
pub(crate) struct Pages<T>(Vec<Vec<T>>);

impl<T> Pages<T> {
    /// An empty list.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self.0.split_last() {
            Some((last, full)) => full.len() * PAGE + last.len(),
            None => 0,
        }
    }

    /// The one at `index`.
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index / PAGE)?.get(index % PAGE)
    }

    /// The one at `index`.
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index / PAGE)?.get_mut(index % PAGE)
    }

    /// Adds one at the end.
    pub(crate) fn push(&mut self, value: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < PAGE => last.push(value),
            Some(_) => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(value);
                self.0.push(page);
            }
            // Few lists are ever longer than a page: this one grows as it fills.
            None => self.0.push(vec![value]),
        }
    }

    /// Takes out the one at `index`; the last one takes its place.
    pub(crate) fn swap_remove(&mut self, index: usize) -> Option<T> {
        if index >= self.len() {
            return None;
        }
        let last = self.0.last_mut()?;
        let mut taken = last.pop()?;
        if last.is_empty() {
            self.0.pop();
        }
        if let Some(place) = self.get_mut(index) {
            std::mem::swap(place, &mut taken);
        }
        Some(taken)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.0.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_list() {
        let mut pages = Pages::new();
        let mut list = Vec::new();
        for round in 0..20_000_u64 {
            // Up to four pages and back to none, again and again.
            if (round / 3_500).is_multiple_of(2) {
                pages.push(round);
                list.push(round);
            } else {
                let index = (round * 7 % 4_000) as usize;
                let expected = (index < list.len()).then(|| list.swap_remove(index));
                assert_eq!(pages.swap_remove(index), expected);
            }
            let index = (round * 13 % 4_000) as usize;
            assert_eq!(pages.get(index), list.get(index));
            assert_eq!(pages.len(), list.len());
        }
        assert!(pages.iter().eq(&list));
    }
}
