//! The Prometheus text format, version 0.0.4.

use std::fmt::{self, Display, Write};

use node::Histogram;

/// Collects families of samples.
#[derive(Default)]
pub(super) struct Exposition {
    text: String,
}

/// What a family is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Labels of a sample; values are quoted and escaped.
pub(super) type Labels<'a> = &'a [(&'a str, &'a dyn Display)];

const MICROSECONDS_PER_SECOND: f64 = 1e6;

impl Exposition {
    /// Begins a family; its samples follow.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// One sample.
    pub(super) fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl Display) {
        self.text.push_str(name);
        for (i, (label, value)) in labels.iter().enumerate() {
            let value = value
                .to_string()
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            self.put(format_args!(
                "{}{label}=\"{value}\"",
                if i == 0 { '{' } else { ',' }
            ));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        self.put(format_args!("{close} {value}\n"));
    }

    /// A histogram of powers of two. `unit` divides its values: 1e6 makes seconds of microseconds.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        labels: Labels<'_>,
        histogram: &Histogram,
        unit: f64,
    ) {
        let bucket_name = format!("{name}_bucket");
        let mut below = 0;
        let last = histogram.buckets.len() - 1;
        for (i, count) in histogram.buckets.iter().enumerate().take(last) {
            below += count;
            // Bucket i holds whole numbers below 2^i, so its bound, which is inclusive, is 2^i - 1.
            let bound = ((1_u64 << i) - 1) as f64 / unit;
            let labels = [labels, &[("le", &bound)]].concat();
            self.sample(&bucket_name, &labels, below);
        }
        let all = [labels, &[("le", &"+Inf")]].concat();
        self.sample(&bucket_name, &all, histogram.count);
        let sum = histogram.sum as f64 / unit;
        self.sample(&format!("{name}_sum"), labels, sum);
        self.sample(&format!("{name}_count"), labels, histogram.count);
    }

    /// A histogram of microseconds, shown in seconds as Prometheus likes it.
    pub(super) fn histogram_us(&mut self, name: &str, labels: Labels<'_>, histogram: &Histogram) {
        self.histogram(name, labels, histogram, MICROSECONDS_PER_SECOND);
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn put(&mut self, text: fmt::Arguments<'_>) {
        self.text
            .write_fmt(text)
            .expect("a String takes whatever is written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn writes_the_text_format() {
        let mut out = Exposition::default();
        out.family("a_total", Kind::Counter, "Things.");
        out.sample("a_total", &[("core", &0), ("name", &"x\"y\\z\n")], 7);
        out.sample("b", &[], 1.5);
        expect![[r#"
            # HELP a_total Things.
            # TYPE a_total counter
            a_total{core="0",name="x\"y\\z\n"} 7
            b 1.5
        "#]]
        .assert_eq(&out.finish());
    }

    #[test]
    fn histograms_are_cumulative() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 3, u64::from(u32::MAX)] {
            histogram.record(value);
        }
        let mut out = Exposition::default();
        out.histogram("h", &[("core", &1)], &histogram, 1.0);
        let text = out.finish();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..3],
            [
                r#"h_bucket{core="1",le="0"} 1"#,
                r#"h_bucket{core="1",le="1"} 2"#,
                r#"h_bucket{core="1",le="3"} 3"#
            ]
        );
        assert_eq!(
            lines[lines.len() - 3..],
            [
                r#"h_bucket{core="1",le="+Inf"} 4"#,
                r#"h_sum{core="1"} 4294967299"#,
                r#"h_count{core="1"} 4"#
            ]
        );
    }
}
