//! The codes that people press during a call (product rule §6).

/// What is pressed before the intercom to transfer without speaking first.
pub const BLIND_TRANSFER: &str = "#1";
/// What is pressed before the intercom to speak first.
pub const ATTENDED_TRANSFER: &str = "*2";
/// What makes a conference of a transfer that was answered.
pub const CONFERENCE: &str = "*3";
