//! The OpenAPI document of this API, as it is served. A test holds it against the table of calls, both ways.

/// The document.
pub(super) const DOCUMENT: &str = include_str!("../../openapi.json");

#[cfg(test)]
mod tests {
    use super::DOCUMENT;
    use crate::http::endpoint::{Access, Endpoint};
    use crate::http::problem::ProblemKind;
    use serde_json::Value;

    fn document() -> Value {
        serde_json::from_str(DOCUMENT).unwrap()
    }

    fn methods(path: &Value) -> impl Iterator<Item = (&String, &Value)> {
        let operations = path.as_object().unwrap().iter();
        operations.filter(|(name, _)| name.as_str() != "parameters")
    }

    /// Follows a reference within the document.
    fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
        let Some(target) = value.get("$ref") else {
            return value;
        };
        let pointer = target.as_str().unwrap().trim_start_matches('#');
        let found = document.pointer(pointer);
        found.unwrap_or_else(|| panic!("{pointer} leads nowhere"))
    }

    #[test]
    fn has_every_call_and_no_other() {
        let document = document();
        for endpoint in Endpoint::ALL {
            let spec = endpoint.spec();
            let method = spec.method.to_ascii_lowercase();
            let operation = &document["paths"][spec.path][&method];
            assert!(operation.is_object(), "{method} {} is missing", spec.path);
            let open = operation["security"] == serde_json::json!([]);
            assert_eq!(open, spec.access == Access::Open, "{} security", spec.path);
            let parameters = operation["parameters"].as_array();
            let parameters = parameters.into_iter().flatten();
            let parameters = parameters.map(|parameter| resolved(&document, parameter));
            let mut query: Vec<_> = parameters
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let mut expected = spec.query.to_vec();
            query.sort_unstable();
            expected.sort_unstable();
            assert_eq!(query, expected, "{}", spec.path);
        }
        let paths = document["paths"].as_object().unwrap();
        let documented: usize = paths.values().map(|path| methods(path).count()).sum();
        assert_eq!(documented, Endpoint::ALL.len());
    }

    #[test]
    fn has_every_problem_and_no_other() {
        let document = document();
        let names = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
        let names: Vec<_> = names
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_str().unwrap())
            .collect();
        let expected: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.urn()).collect();
        assert_eq!(names, expected);
        let responses = document["components"]["responses"].as_object().unwrap();
        assert!(
            responses
                .values()
                .all(|r| r["content"]["application/problem+json"].is_object())
        );
    }

    #[test]
    fn names_the_limits_that_hold() {
        let document = document();
        let at = |pointer: &str| {
            document
                .pointer(pointer)
                .and_then(Value::as_u64)
                .map(|n| n as usize)
        };
        let batch = "/paths/~1v1~1batch/post/requestBody/content/application~1json/schema/maxItems";
        assert_eq!(at(batch), Some(node::COMMANDS_PER_REQUEST_MAX));
        let events = "/components/parameters/eventsLimit/schema/maximum";
        assert_eq!(at(events), Some(node::EVENTS_PAGE_MAX));
        let ranking = "/paths/~1v1~1hunts~1{hunt}~1leaderboard/get/parameters/0/schema/maximum";
        assert_eq!(at(ranking), Some(node::LEADERBOARD_PAGE_MAX));
    }
}
