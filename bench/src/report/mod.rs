//! The page: plots as inline SVG, figures as tables, no script and nothing from elsewhere.

mod axis;
mod base64;
mod figures;
mod hlog;
mod page;
mod plot;
mod plots;

pub use hlog::{LogSeries, hlog_series};
pub use page::{Page, page};
