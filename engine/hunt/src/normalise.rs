//! stub
/// Makes answers comparable.
pub fn normalise(_answer: &str) -> String {
    unimplemented!()
}
