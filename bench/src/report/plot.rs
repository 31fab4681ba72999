//! One plot as SVG: lines or ranges in a frame with axes and a legend.

use std::fmt::Write;

use super::axis::Axis;
use super::figures::escape;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 46.0;

/// Pixels that a row of the legend takes.
const LEGEND_ROW: f64 = 18.0;

/// Colours of the page's style sheet; more series begin again, dashed.
pub(super) const COLOURS: usize = 8;

const FITS: &str = "a String takes all text";

/// One line.
pub(super) struct Series {
    /// Its name in the legend.
    pub(super) name: String,
    /// Which colour: a target keeps its own in all plots.
    pub(super) colour: usize,
    /// Drawn with dashes: the lesser of two that belong together.
    pub(super) is_dashed: bool,
    /// From left to right.
    pub(super) points: Vec<(f64, f64)>,
}

/// A plot of lines.
pub(super) struct Plot {
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) x_title: &'static str,
    pub(super) y_title: &'static str,
    pub(super) series: Vec<Series>,
    /// Marks each point, where they are few.
    pub(super) has_marks: bool,
}

impl Plot {
    /// The SVG.
    pub(super) fn svg(&self) -> String {
        let height = HEIGHT + LEGEND_ROW * self.series.len() as f64;
        let mut svg = String::new();
        write!(
            svg,
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{} by {}\">",
            escape(self.y_title),
            escape(self.x_title)
        )
        .expect(FITS);
        self.frame(&mut svg);
        for (row, series) in self.series.iter().enumerate() {
            self.line(&mut svg, series);
            legend(&mut svg, row, series);
        }
        svg.push_str("</svg>");
        svg
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - self.y.place(value) * (HEIGHT - TOP - BOTTOM)
    }

    fn frame(&self, svg: &mut String) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for (value, name) in self.y.ticks() {
            let y = self.y(*value);
            write!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
                LEFT - 6.0,
                y + 4.0
            )
            .expect(FITS);
        }
        for (value, name) in self.x.ticks() {
            let x = self.x(*value);
            write!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} {TOP}V{bottom}\"/><text class=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{name}</text>",
                bottom + 16.0
            )
            .expect(FITS);
        }
        write!(
            svg,
            "<text class=\"middle title\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            f64::midpoint(LEFT, right),
            bottom + 36.0,
            escape(self.x_title)
        )
        .expect(FITS);
    }

    fn line(&self, svg: &mut String, series: &Series) {
        let class = class(series);
        let mut path = String::new();
        for (at, (x, y)) in series.points.iter().enumerate() {
            let step = if at == 0 { 'M' } else { 'L' };
            write!(path, "{step}{:.1} {:.1}", self.x(*x), self.y(*y)).expect(FITS);
        }
        write!(svg, "<path class=\"{class}\" d=\"{path}\"/>").expect(FITS);
        if self.has_marks {
            for (x, y) in &series.points {
                write!(
                    svg,
                    "<circle class=\"c{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>",
                    series.colour % COLOURS,
                    self.x(*x),
                    self.y(*y)
                )
                .expect(FITS);
            }
        }
    }
}

fn class(series: &Series) -> String {
    let dashed = series.is_dashed || series.colour >= COLOURS;
    format!(
        "line s{}{}",
        series.colour % COLOURS,
        if dashed { " dashed" } else { "" }
    )
}

fn legend(svg: &mut String, row: usize, series: &Series) {
    let y = HEIGHT + LEGEND_ROW * row as f64;
    write!(
        svg,
        "<path class=\"{}\" d=\"M{LEFT} {y}h28\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        class(series),
        LEFT + 36.0,
        y + 4.0,
        escape(&series.name)
    )
    .expect(FITS);
}

/// A row of a plot of ranges.
pub(super) struct Range {
    pub(super) name: String,
    pub(super) colour: usize,
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
    /// What is written behind it.
    pub(super) text: String,
}

const RANGE_LEFT: f64 = 230.0;
const RANGE_RIGHT: f64 = 150.0;
const RANGE_ROW: f64 = 30.0;

/// Bars to the median, with a line from least to most.
pub(super) fn ranges(rows: &[Range], x: &Axis, title: &str) -> String {
    let (inner, bottom) = (
        WIDTH - RANGE_LEFT - RANGE_RIGHT,
        TOP + RANGE_ROW * rows.len() as f64,
    );
    let place = |value: f64| RANGE_LEFT + x.place(value) * inner;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">",
        bottom + BOTTOM,
        escape(title)
    );
    for (value, name) in x.ticks() {
        let at = place(*value);
        write!(
            svg,
            "<path class=\"grid\" d=\"M{at:.1} {TOP}V{bottom}\"/><text class=\"middle\" x=\"{at:.1}\" y=\"{:.1}\">{name}</text>",
            bottom + 16.0
        )
        .expect(FITS);
    }
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + RANGE_ROW * (at as f64 + 0.5);
        write!(
            svg,
            "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text><rect class=\"c{}\" x=\"{RANGE_LEFT}\" y=\"{:.1}\" \
             width=\"{:.1}\" height=\"14\"/><path class=\"whisker\" d=\"M{:.1} {y:.1}H{:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            RANGE_LEFT - 8.0,
            y + 4.0,
            escape(&row.name),
            row.colour % COLOURS,
            y - 7.0,
            place(row.median) - RANGE_LEFT,
            place(row.min),
            place(row.max),
            WIDTH - RANGE_RIGHT + 8.0,
            y + 4.0,
            escape(&row.text)
        )
        .expect(FITS);
    }
    write!(
        svg,
        "<text class=\"middle title\" x=\"{:.1}\" y=\"{:.1}\">{}</text></svg>",
        RANGE_LEFT + inner / 2.0,
        bottom + 36.0,
        escape(title)
    )
    .expect(FITS);
    svg
}
