//! What JavaScript sees: conversion, and nothing else.

mod error;
#[cfg(feature = "signing")]
pub mod signing;
