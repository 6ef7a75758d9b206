//! What JavaScript sees: conversion, and nothing else.

mod error;
#[cfg(feature = "hash")]
pub mod hash;
#[cfg(feature = "signing")]
pub mod signing;
#[cfg(feature = "uploader")]
pub mod uploader;
