//! Plots, as SVG that is read on light and on dark pages.

use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
/// The room around the plot: for labels of the axes, and at the right for names.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 52.0;
/// The height of a line of text.
const LINE: f64 = 14.0;

const STYLE: &str = "<style>\
.sigil-plot{font:12px system-ui,sans-serif;--ink:#1b1f24;--soft:#6b7280;--grid:#e5e7eb;--ours:#0b66c3;--peer:#8b93a1}\
@media(prefers-color-scheme:dark){.sigil-plot{--ink:#e6e8eb;--soft:#9aa3af;--grid:#343a43;--ours:#5fb0ff;--peer:#8b93a1}}\
.sigil-plot text{fill:var(--ink)}.sigil-plot .soft{fill:var(--soft)}\
.sigil-plot .grid{stroke:var(--grid)}.sigil-plot .leader{stroke:var(--soft);stroke-width:.6}\
.sigil-plot polyline{fill:none;stroke:var(--peer);stroke-width:1.4}\
.sigil-plot polyline.ours{stroke:var(--ours);stroke-width:2.4}\
.sigil-plot circle{fill:var(--peer)}.sigil-plot circle.ours{fill:var(--ours)}\
.sigil-plot text.ours{fill:var(--ours);font-weight:600}</style>";

/// One direction of a plot.
pub(crate) struct Axis {
    pub(crate) label: &'static str,
    pub(crate) is_logarithmic: bool,
}

/// A name and its points.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) is_ours: bool,
    pub(crate) points: Vec<(f64, f64)>,
}

/// An axis with its ends.
struct Scale<'a> {
    axis: &'a Axis,
    low: f64,
    high: f64,
}

impl<'a> Scale<'a> {
    /// One that has room for all `values`.
    fn around(axis: &'a Axis, values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if axis.is_logarithmic {
            (low, high) = (low / 1.15, high * 1.15);
        } else {
            let rest = (high - low).max(1e-9) * 0.06;
            (low, high) = ((low - rest).max(0.0), high + rest);
        }
        Self { axis, low, high }
    }

    /// Where `value` lies between the ends: 0 to 1.
    fn part(&self, value: f64) -> f64 {
        if self.axis.is_logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// Round numbers between the ends.
    fn ticks(&self) -> Vec<f64> {
        let decade = |value: f64| 10f64.powf(value.log10().floor());
        let mut ticks = Vec::new();
        if self.axis.is_logarithmic {
            let steps: &[f64] = if self.high / self.low > 200.0 {
                &[1.0]
            } else {
                &[1.0, 2.0, 5.0]
            };
            let mut power = decade(self.low);
            while power <= self.high {
                ticks.extend(steps.iter().map(|step| step * power));
                power *= 10.0;
            }
        } else {
            let rough = (self.high - self.low) / 5.0;
            let power = decade(rough);
            let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= rough);
            let step = power * factor.unwrap_or(10.0);
            let first = (self.low / step).ceil() as u64;
            ticks.extend(
                (first..)
                    .map(|i| i as f64 * step)
                    .take_while(|tick| *tick <= self.high),
            );
        }
        ticks.retain(|tick| (self.low..=self.high).contains(tick));
        ticks
    }
}

/// Each series as a line, named at its right end.
pub(crate) fn lines(title: &str, x: &Axis, y: &Axis, series: &[Series]) -> String {
    plot(title, x, y, series, |svg, points, class| {
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = write!(
            svg,
            "<polyline class=\"{class}\" points=\"{}\"/>",
            points.join(" ")
        );
    })
}

/// Each point of each series as a dot, named beside its last one.
pub(crate) fn dots(title: &str, x: &Axis, y: &Axis, series: &[Series]) -> String {
    plot(title, x, y, series, |svg, points, class| {
        for (x, y) in points {
            let _ = write!(
                svg,
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>"
            );
        }
    })
}

fn plot(
    title: &str,
    x: &Axis,
    y: &Axis,
    series: &[Series],
    draw: impl Fn(&mut String, &[(f64, f64)], &str),
) -> String {
    let all = || series.iter().flat_map(|series| &series.points);
    let x = Scale::around(x, all().map(|point| point.0));
    let y = Scale::around(y, all().map(|point| point.1));
    let at_x = |value| LEFT + x.part(value) * (WIDTH - LEFT - RIGHT);
    let at_y = |value| HEIGHT - BOTTOM - y.part(value) * (HEIGHT - BOTTOM - TOP);
    let mut svg = format!(
        "<svg class=\"sigil-plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\"><title>{}</title>{STYLE}",
        escaped(title)
    );
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for tick in x.ticks() {
        let (at, label) = (at_x(tick), number(tick));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
             <text class=\"soft\" x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            bottom + LINE + 2.0
        );
    }
    for tick in y.ticks() {
        let (at, label) = (at_y(tick), number(tick));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text class=\"soft\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            at + 4.0
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
         <text transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        f64::midpoint(LEFT, right),
        HEIGHT - 10.0,
        escaped(x.axis.label),
        f64::midpoint(TOP, bottom),
        escaped(y.axis.label)
    );
    let mut names = Vec::new();
    // Ours last, above the others.
    let mut ordered: Vec<&Series> = series.iter().collect();
    ordered.sort_by_key(|series| series.is_ours);
    for series in ordered {
        let place = |&(x, y): &(f64, f64)| (at_x(x), at_y(y));
        let points: Vec<(f64, f64)> = series.points.iter().map(place).collect();
        let class = if series.is_ours { "ours" } else { "peer" };
        draw(&mut svg, &points, class);
        names.extend(
            points
                .last()
                .map(|&(x, y)| (x, y, series.name.as_str(), class)),
        );
    }
    name(&mut svg, names);
    svg + "</svg>"
}

/// Writes names beside their points, moved where one would lie on another.
fn name(svg: &mut String, mut names: Vec<(f64, f64, &str, &str)>) {
    names.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut placed: Vec<(f64, f64, f64)> = Vec::new();
    for (x, y, name, class) in names {
        let width = 7.0 * name.len() as f64;
        let is_free = |at: f64| {
            placed.iter().all(|&(other_x, other_y, other_width)| {
                (other_y - at).abs() >= LINE || x + width < other_x || other_x + other_width < x
            })
        };
        let moves = (0..40).flat_map(|i| [LINE * f64::from(i) / 2.0, -LINE * f64::from(i) / 2.0]);
        let at = moves.map(|by| y + by).find(|&at| is_free(at)).unwrap_or(y);
        placed.push((x, at, width));
        if (at - y).abs() > 4.0 {
            let _ = write!(
                svg,
                "<line class=\"leader\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\"/>",
                x + 4.0,
                x + 10.0
            );
        }
        let _ = write!(
            svg,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 12.0,
            at + 4.0,
            escaped(name)
        );
    }
}

/// A number of an axis, short.
fn number(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{} M", v / 1e6),
        v if v >= 1e4 => format!("{} k", v / 1e3),
        v => format!("{}", (v * 1e6).round() / 1e6),
    }
}

/// Text for HTML and SVG.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
