//! The signing endpoint's rules: no I/O, no clock.
