//! What operators do: put hunts, move them on, add stock.

use hunt::{Action, Draft, Fault, HuntId, Salt, TreasureId};
use hyper::Response;
use node::Host;

use super::answer::ApiBody;
use super::api::{Api, Call};
use super::body;
use super::endpoint::Endpoint;
use super::problem::{Problem, ProblemKind};

impl<H: Host> Api<H> {
    pub(super) async fn operate(
        &self,
        call: &Call<'_>,
        endpoint: Endpoint,
        hunt: HuntId,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        let action = match endpoint {
            Endpoint::Put => return self.put(call, hunt, bytes).await,
            Endpoint::Open => Action::Open,
            Endpoint::Freeze => Action::Freeze,
            Endpoint::Close => Action::Close,
            _ => return Err(Problem::new(ProblemKind::NotFound, "there is no such call")),
        };
        body::parse_nothing(bytes)?;
        self.carry_out(call, hunt, action).await
    }

    pub(super) async fn restock(
        &self,
        call: &Call<'_>,
        hunt: HuntId,
        treasure: TreasureId,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        let add = body::parse_stock(bytes)?;
        self.carry_out(call, hunt, Action::Restock { treasure, add })
            .await
    }

    async fn put(
        &self,
        call: &Call<'_>,
        hunt: HuntId,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        body::check_json(bytes)?;
        let draft = Box::new(Draft::parse(bytes).map_err(Problem::invalid)?);
        if *draft.id() != hunt {
            let detail = "differs from the id in the path: make them the same".to_owned();
            return Err(Problem::invalid(vec![Fault {
                pointer: "/id".to_owned(),
                detail,
            }]));
        }
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.host().random().to_le_bytes());
        salt[8..].copy_from_slice(&self.host().random().to_le_bytes());
        self.carry_out(
            call,
            hunt,
            Action::Put {
                draft,
                salt: Salt(salt),
            },
        )
        .await
    }
}
