//! What the server promises to whoever asks over HTTP.

mod access;
mod acts;
mod agent_edit;
mod agent_page;
mod api;
mod calls;
mod dashboard;
mod export;
mod feature_codes;
mod groups;
mod headers;
mod hostile;
mod input;
mod live;
mod routing;
mod rows;
mod scope;
mod sessions;
mod settings;
mod sign_in;
mod time_groups;
mod tls;
