//! hunt-engine.
fn main(){}
