//! The engine's hands in a browser: the loop that carries out what the engine
//! asks for, by `hands.js`, and hands back what came of it.

pub(crate) mod driver;
mod hands;
pub(crate) mod json;
pub(crate) mod names;
mod outcome;
pub(crate) mod page;
mod protocol;
pub(crate) mod record;
mod tasks;
