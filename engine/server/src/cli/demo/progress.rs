//! How far the players are: a bar on a terminal, a few plain lines elsewhere.

use super::super::output;

const BAR_CELLS: u64 = 40;
/// Plain lines in all.
const LINES: u64 = 10;

/// Shows progress on standard error.
pub(super) struct Progress {
    total: u64,
    terminal: bool,
    quiet: bool,
    shown: u64,
}

impl Progress {
    pub(super) fn new(total: u64, quiet: bool) -> Self {
        Self {
            total,
            terminal: output::is_terminal(),
            quiet,
            shown: 0,
        }
    }

    /// So many players are done.
    pub(super) fn show(&mut self, done: u64, commands: u64) {
        if self.quiet {
            return;
        }
        if self.terminal {
            output::overwrite(bar(done, self.total, commands));
        } else if done * LINES / self.total > self.shown {
            self.shown = done * LINES / self.total;
            output::note(format_args!(
                "{done} of {} players, {commands} commands",
                self.total
            ));
        }
    }

    /// Nothing more is to come.
    pub(super) fn end(&self) {
        if self.terminal && !self.quiet {
            output::note("");
        }
    }
}

fn bar(done: u64, total: u64, commands: u64) -> String {
    let filled = done * BAR_CELLS / total.max(1);
    let cells: String = (0..BAR_CELLS)
        .map(|cell| if cell < filled { '█' } else { '░' })
        .collect();
    format!("{cells} {done}/{total} players, {commands} commands")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_from_left_to_right() {
        assert_eq!(bar(0, 2, 0).matches('█').count(), 0);
        assert!(bar(1, 2, 7).starts_with("████████████████████░"));
        assert_eq!(bar(2, 2, 9).matches('░').count(), 0);
    }
}
