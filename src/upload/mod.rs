//! The upload engine: a state machine without I/O and without a clock.
