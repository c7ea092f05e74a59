//! Reading something large: how strictly, with how much memory, and what hears how far it is.

use super::reader::ReadOptions;
use crate::mirror::Memory;

/// How a folder is read.
pub struct Reading<'w> {
    /// How strictly.
    pub options: ReadOptions,
    /// How much memory may be taken. What would not fit is refused before it is begun; what turns
    /// out not to fit is given up.
    pub memory: Memory,
    /// Hears how many bytes of how many are read.
    pub watch: &'w mut (dyn FnMut(u64, u64) + Send),
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("options", &self.options)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}
