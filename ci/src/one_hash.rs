//! One seed gives one run in every build: what the optimiser may reorder, the debugger may lay out anew and the allocator may
//! place elsewhere has no say in it.

use serde_json::Value;

use crate::sim::Simulator;

/// Runs of each seed in each build.
const RUNS: usize = 5;
/// What is run: a drawn world and a standard one.
const SEEDS: [&[&str]; 2] = [
    &["replay", "7", "--duration", "20s"],
    &["replay", "11", "--duration", "10s", "--world", "standard"],
];

/// Runs the same seeds in both builds, again and again.
///
/// # Errors
/// Two runs of one seed had different hashes.
pub(crate) fn agree(release: &Simulator<'_>, debug: &Simulator<'_>) -> Result<(), String> {
    for seed in SEEDS {
        let mut hashes = Vec::new();
        for _ in 0..RUNS {
            for (build, simulator) in [("release", release), ("debug", debug)] {
                let (_, told) = simulator.told(seed)?;
                hashes.push((build, hash(&told)?));
            }
        }
        one_hash(&hashes).map_err(|parted| format!("hunt-sim {}: {parted}", seed.join(" ")))?;
    }
    Ok(())
}

fn hash(told: &Value) -> Result<String, String> {
    let hash = told["hash"].as_str().filter(|hash| *hash != "none");
    hash.map(str::to_owned)
        .ok_or_else(|| format!("a run told no hash: {told}"))
}

/// All hashes are the first one.
fn one_hash(hashes: &[(&str, String)]) -> Result<(), String> {
    let Some((first_build, first)) = hashes.first() else {
        return Err("nothing was run".to_owned());
    };
    match hashes.iter().find(|(_, hash)| hash != first) {
        None => Ok(()),
        Some((build, other)) => Err(format!(
            "the {first_build} build's hash is {first}, the {build} build's is {other}: something outside the seed has a say"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_hashes_must_be_one() {
        let hashes = |of: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            let owned = of.iter().map(|(build, hash)| (*build, (*hash).to_owned()));
            owned.collect()
        };
        let same = hashes(&[("release", "ab"), ("debug", "ab"), ("release", "ab")]);
        assert_eq!(one_hash(&same), Ok(()));
        let parted = hashes(&[("release", "ab"), ("release", "ab"), ("debug", "ac")]);
        let told = one_hash(&parted).expect_err("they differ");
        assert!(told.contains("ab, the debug build's is ac"), "{told}");
        assert!(one_hash(&[]).is_err());
    }

    #[test]
    fn a_run_without_a_hash_is_an_error() {
        let told = serde_json::json!({"hash": "00ff"});
        assert_eq!(hash(&told), Ok("00ff".to_owned()));
        assert!(hash(&serde_json::json!({"hash": "none"})).is_err());
        assert!(hash(&serde_json::json!({})).is_err());
    }
}
