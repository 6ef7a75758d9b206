//! The signing protocol in JSON (`docs/protocol.md`): what the engine asks,
//! written; what the endpoint answers, read.

pub mod answer;
pub mod ask;
