//! Who puts the hunt, opens it, and reads the figures at the end.

use hyper::Method;
use serde_json::Value;

use super::client::{Client, Question};
use super::script::Script;

/// The operator of the hunt.
pub(super) struct Operator<'a> {
    pub(super) client: Client,
    pub(super) script: &'a Script,
}

impl Operator<'_> {
    /// Puts the hunt and opens it.
    pub(super) async fn begin(&mut self) -> Result<(), String> {
        let json = self.script.json.as_str();
        self.ask(Method::PUT, "", json).await?;
        self.ask(Method::POST, "/open", "").await?;
        Ok(())
    }

    /// The hunt's figures.
    pub(super) async fn stats(&mut self) -> Result<Value, String> {
        self.ask(Method::GET, "/stats", "").await
    }

    /// The first of the ranking.
    pub(super) async fn leaders(&mut self, limit: usize) -> Result<Value, String> {
        self.ask(Method::GET, &format!("/leaderboard?limit={limit}"), "")
            .await
    }

    async fn ask(&mut self, method: Method, path: &str, body: &str) -> Result<Value, String> {
        let path = format!("/v1/hunts/{}{path}", self.script.hunt);
        let answer = self
            .client
            .ask(&Question {
                method,
                path: &path,
                key: None,
                body,
            })
            .await?;
        if answer.status.is_success() {
            Ok(answer.json())
        } else {
            Err(format!(
                "{path} was answered {}: {}",
                answer.status,
                answer.json()
            ))
        }
    }
}
