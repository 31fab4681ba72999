//! Random transactions against the model: alone, and many at once.

use super::context::code_of;
use super::model::{Found, Mix, Rows, Step, disagreement};
use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::dice::Dice;
use crate::{Committed, Store, StoreError, Transaction, code};

promises! {
    slow: false;
    "random transactions, one after another, agree with a model" => one_after_another,
    "random transactions at once see one version and their own writes" => at_once_see_one_version,
    "random transactions at once are serializable" => serializable,
    "random transactions that share nothing all commit" => apart,
}

async fn one_after_another<S: Store>(t: Context<S>) -> Outcome {
    for seed in 0..20 {
        t.clean().await?;
        let mut dice = Dice::new(seed);
        let mut committed = Rows::new();
        for _ in 0..12 {
            let transaction = t.begin();
            let mut view = committed.clone();
            let mix = Mix::random(&mut dice);
            for _ in 0..dice.index(14) {
                let step = Step::random(&mut dice, mix);
                let expected = step.run_on(&mut view);
                let found = step.run(&t, &transaction).await?;
                if found != expected {
                    return Err(disagreement(seed, &step, &found, &expected));
                }
            }
            if dice.one_in(5) {
                transaction.reset();
            } else {
                transaction.commit().await?;
                committed = view;
            }
            ensure_eq!(
                t.rows().await?.into_iter().collect::<Rows>(),
                committed,
                "seed {seed}, committed rows"
            );
        }
    }
    Ok(())
}

/// One of several transactions that run at once.
struct Actor<T> {
    transaction: T,
    mix: Mix,
    /// The model at the read version, with the own writes.
    view: Rows,
    /// What was done, and what the reads found.
    steps: Vec<(Step, Found)>,
}

impl<T: Transaction> Actor<T> {
    async fn start<S: Store<Transaction = T>>(
        t: &Context<S>,
        mix: Mix,
        committed: &Rows,
    ) -> Result<Self, StoreError> {
        let transaction = t.begin();
        transaction.read_version().await?;
        Ok(Self {
            transaction,
            mix,
            view: committed.clone(),
            steps: Vec::new(),
        })
    }

    async fn step<S: Store<Transaction = T>>(
        &mut self,
        t: &Context<S>,
        step: Step,
        seed: u64,
    ) -> Outcome {
        let expected = step.run_on(&mut self.view);
        let found = step.run(t, &self.transaction).await?;
        if found != expected {
            return Err(disagreement(seed, &step, &found, &expected));
        }
        self.steps.push((step, found));
        Ok(())
    }

    /// Does everything again on what is committed now: if this transaction has just committed, its reads
    /// must find the same.
    fn replay(&self, committed: &mut Rows, seed: u64) -> Outcome {
        for (step, found) in &self.steps {
            let expected = step.run_on(committed);
            if step.is_serializable_read() && *found != expected {
                return Err(disagreement(seed, step, found, &expected));
            }
        }
        Ok(())
    }
}

/// Runs `rounds` steps of several transactions in a random order; each commit goes to `judge`, with the
/// rows committed so far.
async fn run<S: Store>(
    t: &Context<S>,
    seed: u64,
    rounds: usize,
    mut judge: impl FnMut(&Actor<S::Transaction>, &Result<Committed, StoreError>, &mut Rows) -> Outcome,
) -> Outcome {
    const ACTORS: usize = 4;
    t.clean().await?;
    let mut dice = Dice::new(seed);
    let mut committed = Rows::new();
    let mut actors = Vec::new();
    for _ in 0..ACTORS {
        actors.push(Actor::start(t, Mix::random(&mut dice), &committed).await?);
    }
    for _ in 0..rounds {
        let index = dice.index(ACTORS);
        if !dice.one_in(7) {
            let step = Step::random(&mut dice, actors[index].mix);
            actors[index].step(t, step, seed).await?;
            continue;
        }
        let result = actors[index].transaction.commit().await;
        match &result {
            Err(error) if error.code() != code::NOT_COMMITTED => return Err(error.clone().into()),
            _ => judge(&actors[index], &result, &mut committed)?,
        }
        actors[index] = Actor::start(t, Mix::random(&mut dice), &committed).await?;
    }
    ensure_eq!(
        t.rows().await?.into_iter().collect::<Rows>(),
        committed,
        "seed {seed}, committed rows"
    );
    Ok(())
}

fn wrote<T>(actor: &Actor<T>) -> bool {
    actor.steps.iter().any(|(step, _)| step.is_write())
}

async fn at_once_see_one_version<S: Store>(t: Context<S>) -> Outcome {
    for seed in 100..110 {
        run(&t, seed, 300, |actor, result, committed| {
            if result.is_ok() {
                actor
                    .steps
                    .iter()
                    .for_each(|(step, _)| drop(step.run_on(committed)));
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn serializable<S: Store>(t: Context<S>) -> Outcome {
    let (mut done, mut refused) = (0, 0);
    for seed in 200..220 {
        run(&t, seed, 300, |actor, result, committed| match result {
            Ok(_) if wrote(actor) => {
                done += 1;
                actor.replay(committed, seed)
            }
            Ok(_) => Ok(()),
            Err(_) => {
                refused += 1;
                let reads = actor
                    .steps
                    .iter()
                    .any(|(step, _)| step.is_serializable_read());
                ensure_eq!(
                    (reads, wrote(actor)),
                    (true, true),
                    "seed {seed}, a refused one reads and writes"
                );
                Ok(())
            }
        })
        .await?;
    }
    if done < 100 || refused < 50 {
        return Err(Fault::new(format!(
            "too little happened: {done} commits, {refused} refused"
        )));
    }
    Ok(())
}

async fn apart<S: Store>(t: Context<S>) -> Outcome {
    let transactions: Vec<S::Transaction> = (0..10).map(|_| t.begin()).collect();
    for (index, transaction) in transactions.iter().enumerate() {
        let key = t.key([index as u8]);
        transaction.get(&key, false).await?;
        transaction.set(&key, b"v");
    }
    for (index, transaction) in transactions.iter().enumerate() {
        ensure_eq!(
            code_of(transaction.commit().await),
            None,
            "transaction {index}"
        );
    }
    Ok(())
}
