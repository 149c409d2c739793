//! Bytes → choices. When they run out every choice is the first one, so each input ends.

/// Bytes to be eaten from the front.
#[derive(Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.byte() as usize % limit.max(1)
    }

    /// One of these.
    pub fn one_of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }

    /// Whether one byte in `of` is met.
    pub fn rarely(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }
}
