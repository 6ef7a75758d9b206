//! The engine's hands in a browser: requests, timers, the network, and the
//! loop that carries out what the engine asks for.

pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod endpoint;
pub(crate) mod json;
mod network;
mod protocol;
mod under_way;
mod xhr;
