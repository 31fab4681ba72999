//! Once everything has healed, everything works again.

use super::{Evidence, failure};
use crate::outcome::Failure;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    match evidence.observations.not_recovered.first() {
        None => Ok(()),
        Some(what) => {
            let detail = format!("after everything had healed: {what}");
            Err(failure("recovered", 0, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_what_stays_broken() {
        let mut run = Fixture::played();
        let what = "shard 3 has no owner".to_owned();
        run.observations.not_recovered.push(what);
        run.fails(check, "shard 3 has no owner");
    }
}
