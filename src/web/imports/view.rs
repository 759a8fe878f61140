//! What the pages of uploads print: ready strings, no rules.

use super::controls::{OptionsView, ReadingView};
use super::history::PastView;
use super::progress::ProgressView;
use super::result::ResultView;
use super::rows::RowsView;
use crate::web::shell::Shell;
use askama::Template;

/// The upload page.
#[derive(Template)]
#[template(path = "imports/upload.html")]
pub struct UploadPage<'a> {
    pub shell: &'a Shell,
    pub options: OptionsView,
    /// `csv, tsv, txt or xlsx. Up to 25 MiB, …`.
    pub limits: String,
    /// Columns of the template.
    pub columns: usize,
    /// How many users the export has; empty for who may not export.
    pub users: String,
    /// The demo's file for trying it out.
    pub joiners: bool,
    pub past: Vec<PastView>,
    /// What is wrong with the whole form; empty for nothing.
    pub wrong: String,
}

/// The page of one upload; `as_progress()` and `as_rows()` are its parts.
#[derive(Template)]
#[template(path = "imports/show.html", blocks = ["rows"])]
pub struct ImportPage<'a> {
    pub shell: &'a Shell,
    pub it: &'a ImportView,
}

/// What the page asks for while it waits.
#[derive(Template)]
#[template(path = "imports/progress.html")]
pub struct ProgressPart<'a> {
    pub progress: &'a ProgressView,
}

/// An upload. What is not of its state is absent.
pub struct ImportView {
    pub id: i64,
    pub file_name: String,
    /// `Nothing is written yet`; `Done 22 Nov 2026 13:22:19 by Priya Nair`.
    pub said: String,
    pub steps: [Step; 4],
    /// What the state means, where it is no good news; empty for nothing.
    pub fault: String,
    pub progress: Option<ProgressView>,
    /// How the file is read, with what can be chosen; for whoever uploaded it.
    pub reading: Option<ReadingView>,
    pub rows: Option<RowsView>,
    pub commit: Option<CommitView>,
    pub result: Option<ResultView>,
    /// It can be discarded, and nothing else is left to do with it.
    pub discard: bool,
}

/// One of the four steps.
pub struct Step {
    pub number: u8,
    pub label: &'static str,
    pub done: bool,
    pub current: bool,
}

/// The bar under a plan.
pub struct CommitView {
    pub id: i64,
    /// `225 changes, 12 errors left out`.
    pub valid: String,
    /// Why all or nothing would do nothing; empty when it can be chosen.
    pub all: String,
    /// `Create 184 and update 41`; empty when no row changes anything.
    pub go: String,
    /// There are rows for the file of errors.
    pub errors: bool,
    /// What it means besides, a sentence each.
    pub consequences: Vec<String>,
    /// Until when the plan waits.
    pub waits: String,
}
