//! The engine's hands in a browser.
