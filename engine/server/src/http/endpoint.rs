//! Every call of the API: its method, path, who may make it, and which query parameters it takes.

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; no token is looked at.
    Open,
    /// Any valid token.
    Any,
    /// Players for themselves, services for any player.
    Play,
    /// Services.
    Service,
    /// Operators.
    Operator,
}

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// GET (which HEAD follows), PUT or POST.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// Query parameters that it takes; any other is refused.
    pub query: &'static [&'static str],
}

macro_rules! endpoints {
    ($($name:ident $method:literal $path:literal $access:ident [$($query:literal),*];)*) => {
        /// A call of the API, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the table below says it all")]
        pub enum Endpoint { $($name),* }

        impl Endpoint {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What the call is.
            pub fn spec(self) -> &'static Spec {
                match self {
                    $(Self::$name => &Spec {
                        method: $method, path: $path, access: Access::$access, query: &[$($query),*],
                    },)*
                }
            }
        }
    };
}

endpoints! {
    Put         "PUT"  "/v1/hunts/{hunt}"                              Operator [];
    Hunts       "GET"  "/v1/hunts"                                     Any      [];
    Hunt        "GET"  "/v1/hunts/{hunt}"                              Any      [];
    Open        "POST" "/v1/hunts/{hunt}/open"                         Operator [];
    Freeze      "POST" "/v1/hunts/{hunt}/freeze"                       Operator [];
    Close       "POST" "/v1/hunts/{hunt}/close"                        Operator [];
    Stock       "POST" "/v1/hunts/{hunt}/treasures/{treasure}/stock"   Operator [];
    Stats       "GET"  "/v1/hunts/{hunt}/stats"                        Operator [];
    Join        "POST" "/v1/hunts/{hunt}/join"                         Play     [];
    Solve       "POST" "/v1/hunts/{hunt}/clues/{clue}/solve"           Play     [];
    Claim       "POST" "/v1/hunts/{hunt}/treasures/{treasure}/claim"   Play     [];
    Progress    "GET"  "/v1/hunts/{hunt}/progress"                     Play     [];
    Leaderboard "GET"  "/v1/hunts/{hunt}/leaderboard"                  Any      ["limit", "around"];
    Batch       "POST" "/v1/batch"                                     Service  [];
    Events      "GET"  "/v1/hunts/{hunt}/events"                       Service  ["after", "limit"];
    Feed        "GET"  "/v1/feed"                                      Service  ["after", "limit", "wait_ms"];
    Cluster     "GET"  "/v1/cluster"                                   Service  [];
    Drain       "POST" "/v1/cluster/drain"                             Operator [];
    Healthz     "GET"  "/healthz"                                      Open     [];
    Readyz      "GET"  "/readyz"                                       Open     [];
    Metrics     "GET"  "/metrics"                                      Open     [];
    OpenApi     "GET"  "/v1/openapi.json"                              Open     [];
}

impl Endpoint {
    /// The methods of a path that these calls share, as the header Allow lists them.
    pub(super) fn allow(endpoints: &[Self]) -> &'static str {
        match endpoints {
            [Self::Hunt, Self::Put] => "GET, HEAD, PUT",
            [only] if only.spec().method == "GET" => "GET, HEAD",
            _ => "POST",
        }
    }

    /// The call among these that the method makes.
    pub(super) fn by_method(endpoints: &[Self], method: &str) -> Option<Self> {
        let method = if method == "HEAD" { "GET" } else { method };
        endpoints
            .iter()
            .copied()
            .find(|endpoint| endpoint.spec().method == method)
    }
}
