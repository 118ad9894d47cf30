//! The picture of a decision, as SVG whose colours follow the theme of the site.

use std::fmt::Write as _;

const WIDTH: usize = 720;
/// The number of guards in one row.
const COLUMNS: usize = 3;
const BOX_WIDTH: usize = 216;
const BOX_HEIGHT: usize = 30;

/// Draws a request, the roles and guards that it passes, and the decision.
pub(super) fn decision() -> String {
    let guards = rolecall_contract::guards();
    let mut svg = String::new();
    let rows = guards.len().div_ceil(COLUMNS);
    let guards_top = 182;
    let guards_height = rows * (BOX_HEIGHT + 10) + 44;
    let bottom = guards_top + guards_height + 44;
    let height = bottom + 62;
    let _ = writeln!(
        svg,
        "<div class=\"picture\">\n<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"picture-title\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"picture-title\">A request is allowed when an active role \
         grants the permission and no guard denies</title>"
    );
    frame(&mut svg, (20, 10), (WIDTH - 40, 44), "strong");
    words(&mut svg, (WIDTH / 2, 37), "middle", "Request: subject, permission, scope, item, context with the time");
    arrow(&mut svg, (WIDTH / 2, 54), (WIDTH / 2, 86));
    frame(&mut svg, (20, 86), (WIDTH - 40, 60), "soft");
    words(&mut svg, (WIDTH / 2, 111), "middle", "Active roles: assigned to the subject or its groups,");
    words(&mut svg, (WIDTH / 2, 132), "middle", "at this scope or above, at this time; with all that they inherit");
    arrow(&mut svg, (WIDTH / 2, 146), (WIDTH / 2, guards_top));
    frame(&mut svg, (20, guards_top), (WIDTH - 40, guards_height), "soft");
    words(&mut svg, (38, guards_top + 26), "start", "Every guard is evaluated, in this order:");
    for (index, name) in guards.iter().enumerate() {
        let (row, column) = (index / COLUMNS, index % COLUMNS);
        let corner = (32 + column * (BOX_WIDTH + 4), guards_top + 40 + row * (BOX_HEIGHT + 10));
        frame(&mut svg, corner, (BOX_WIDTH, BOX_HEIGHT), "plain");
        words(&mut svg, (corner.0 + 12, corner.1 + 20), "start", &format!("{}  {name}", index + 1));
    }
    let half = (WIDTH - 60) / 2;
    let outcomes =
        [(20, "no guard has a reason", "allow: granted"), (40 + half, "some guard has a reason", "deny: every reason")];
    for (left, condition, outcome) in outcomes {
        let tip = left + half * 2 / 3;
        arrow(&mut svg, (tip, guards_top + guards_height), (tip, bottom));
        words(&mut svg, (tip - 12, bottom - 16), "end", condition);
        frame(&mut svg, (left, bottom), (half, 44), "strong");
        words(&mut svg, (left + half / 2, bottom + 27), "middle", outcome);
    }
    svg.push_str("</svg>\n</div>\n");
    svg
}

fn frame(svg: &mut String, (x, y): (usize, usize), (width, height): (usize, usize), class: &str) {
    let _ =
        writeln!(svg, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>");
}

fn words(svg: &mut String, (x, y): (usize, usize), anchor: &str, words: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{words}</text>");
}

fn arrow(svg: &mut String, (x, from): (usize, usize), (_, to): (usize, usize)) {
    let (tip, left, right) = (to, x - 5, x + 5);
    let _ = writeln!(
        svg,
        "<path class=\"arrow\" d=\"M{x} {from}V{}M{left} {}L{x} {tip}L{right} {}\"/>",
        tip - 1,
        tip - 8,
        tip - 8
    );
}
