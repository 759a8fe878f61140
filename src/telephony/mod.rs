//! Where phone events come in, whatever wire they came over.

pub mod events;
