//! Message digests.
