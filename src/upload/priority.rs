//! Who goes first.

/// Which of the waiting uploads get connections, readers and signatures first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Before all others.
    High,
    /// In the order of adding, but no upload holds all connections while others wait.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}
