//! `svpki bulk`: many certificates from a spreadsheet, planned before anything is ordered, and finished however often
//! the run is cut.

pub mod columns;
pub mod sheet;
