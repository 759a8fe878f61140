//! The agents list: its view and, beside it, one file per action family.

pub mod acts;
pub mod columns;
pub mod drawn;
pub mod edit;
pub mod export;
pub mod filters;
pub mod legend;
pub mod links;
pub mod list;
pub mod live;
pub mod live_view;
pub mod preferences;
pub mod present;
pub mod range;
pub mod row;
pub mod show;
pub mod show_view;
pub mod timeline;
pub mod view;
