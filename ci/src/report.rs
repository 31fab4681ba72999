//! What a run says at its end: a table, what failed, and the line that programs read.

use std::fmt::Write;
use std::process::ExitCode;

use crate::step::{Ran, Verdict, seconds};

/// The steps that ran, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    ran: Vec<Ran>,
}

impl Report {
    pub(crate) fn add(&mut self, ran: Ran) {
        self.ran.push(ran);
    }

    /// The table of steps with their times, each failure again, and `N passed, N failed` as
    /// the very last line.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("\n");
        for Ran { name, took, result } in &self.ran {
            let state = match result {
                Ok(Verdict::Passed) => "passed".to_string(),
                Ok(Verdict::Skipped(why)) => format!("skipped: {why}"),
                Err(_) => "FAILED".to_string(),
            };
            line(
                &mut text,
                format_args!("{name:<12} {:>9}  {state}", seconds(*took)),
            );
        }
        for ran in &self.ran {
            if let Err(why) = &ran.result {
                line(&mut text, format_args!("\nfailed: {}\n{why}", ran.name));
            }
        }
        let failed = self.failed();
        line(
            &mut text,
            format_args!("\n{} passed, {failed} failed", self.ran.len() - failed),
        );
        text
    }

    /// 0 if nothing failed, 1 otherwise.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.failed() {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }

    fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| ran.result.is_err()).count()
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a String never fails");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(results: Vec<Result<Verdict, String>>, expected: &str, code: ExitCode) {
        let mut report = Report::default();
        for result in results {
            report.add(Ran {
                name: "format",
                took: Duration::from_millis(1_250),
                result,
            });
        }
        assert_eq!(report.text(), expected);
        assert_eq!(report.exit_code(), code);
    }

    #[test]
    fn skipped_counts_as_passed() {
        check(
            vec![Ok(Verdict::Passed), Ok(Verdict::Skipped("no tool".into()))],
            "\nformat           1.2 s  passed\nformat           1.2 s  skipped: no tool\n\n2 passed, 0 failed\n",
            ExitCode::SUCCESS,
        );
    }

    #[test]
    fn a_failure_is_told_again_before_the_last_line() {
        check(
            vec![Ok(Verdict::Passed), Err("it is crooked".into())],
            "\nformat           1.2 s  passed\nformat           1.2 s  FAILED\n\nfailed: format\nit is crooked\n\n1 passed, 1 failed\n",
            ExitCode::FAILURE,
        );
    }
}
