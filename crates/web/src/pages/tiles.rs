//! A map of regions as tiles: a square for each, where the installation says that it lies, or else in the
//! order of their codes. No two lie on each other. Each leads to what is known of its region. The same stands in
//! the table beside it, in words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::Level;

use super::chart::escaped;

/// More tiles are not drawn: the table has all.
pub(super) const MOST: usize = 400;
/// The width and height of a tile.
const SIZE: usize = 24;
/// Cells for each tile: with as many again, neighbours stay neighbours.
const ROOM: usize = 2;

/// A region on the map.
pub(super) struct Tile {
    /// What stands in it.
    pub(super) label: String,
    /// What it is, in words.
    pub(super) title: String,
    /// The page of its region.
    pub(super) address: String,
    pub(super) level: Option<Level>,
    /// East and north.
    pub(super) place: Option<(f64, f64)>,
}

/// The name of the text of a level, or of none.
pub(super) const fn level_word(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::High) => "level-high",
        Some(Level::Medium) => "level-medium",
        Some(Level::Low) => "level-low",
        None => "level-none",
    }
}

/// A mark for a level that is told by its shape.
pub(super) fn level_mark(level: Option<Level>) -> String {
    format!(
        "<svg class=\"level {}\" viewBox=\"0 0 {SIZE} {SIZE}\" aria-hidden=\"true\">{}</svg>",
        class(level),
        square(0, 0, level)
    )
}

/// Draws the tiles, read aloud as `title`; nothing if there are too many or fewer than two.
pub(super) fn tiles(tiles: &[Tile], title: &str) -> Option<String> {
    if !(2..=MOST).contains(&tiles.len()) {
        return None;
    }
    let places: Vec<_> = tiles.iter().map(|tile| tile.place).collect();
    let cells = cells(&places);
    let most = |axis: fn(&(usize, usize)) -> usize| cells.iter().map(axis).max().unwrap_or(0) + 1;
    let mut svg = format!(
        "<svg class=\"region-map\" viewBox=\"0 0 {} {}\" role=\"group\" aria-label=\"{}\">",
        most(|cell| cell.0) * SIZE,
        most(|cell| cell.1) * SIZE,
        escaped(title)
    );
    for (tile, (column, row)) in tiles.iter().zip(&cells) {
        let (left, top) = (column * SIZE, row * SIZE);
        let title = escaped(&tile.title);
        let _ = write!(
            svg,
            "<a href=\"{}\" aria-label=\"{title}\" class=\"{}\"><title>{title}</title>{}<text x=\"{}\" y=\"{}\">{}</text></a>",
            escaped(&tile.address),
            class(tile.level),
            square(left, top, tile.level),
            left + SIZE / 2,
            top + SIZE - 4,
            escaped(&tile.label)
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

const fn class(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::High) => "is-high",
        Some(Level::Medium) => "is-medium",
        Some(Level::Low) => "is-low",
        None => "is-none",
    }
}

/// A tile with the shape of its level: a triangle, a diamond, a ring, or nothing.
fn square(left: usize, top: usize, level: Option<Level>) -> String {
    let (middle, size) = (left + SIZE / 2, SIZE - 2);
    let (x, y) = (left + 1, top + 1);
    let mut drawn = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{size}\" height=\"{size}\"/>");
    let _ = match level {
        Some(Level::High) => write!(drawn, "<path d=\"M{middle} {}l5 8h-10z\"/>", top + 3),
        Some(Level::Medium) => write!(drawn, "<path d=\"M{middle} {}l4 4-4 4-4-4z\"/>", top + 3),
        Some(Level::Low) => write!(
            drawn,
            "<circle cx=\"{middle}\" cy=\"{}\" r=\"3\"/>",
            top + 7
        ),
        None => Ok(()),
    };
    drawn
}

/// A cell for each place, column and row, no two alike: near where they lie, the north above; those that lie
/// nowhere below them, in their order.
fn cells(places: &[Option<(f64, f64)>]) -> Vec<(usize, usize)> {
    let known: Vec<(f64, f64)> = places.iter().flatten().copied().collect();
    let across = side(known.len() * ROOM);
    let range = |axis: fn(&(f64, f64)) -> f64| {
        let values = known.iter().map(axis);
        let least = values.clone().fold(f64::INFINITY, f64::min);
        (least, values.fold(f64::NEG_INFINITY, f64::max) - least)
    };
    let ((west, width), (south, height)) = (range(|at| at.0), range(|at| at.1));
    let last = across.saturating_sub(1) as f64;
    let scaled = |value: f64, least: f64, length: f64| match length > 0.0 {
        true => (value - least) / length * last,
        false => last / 2.0,
    };
    let mut free: BTreeSet<(usize, usize)> = (0..across)
        .flat_map(|column| (0..across).map(move |row| (column, row)))
        .collect();
    let below = if known.is_empty() { 0 } else { across };
    let columns = across.max(side(places.len()));
    let mut unplaced = 0;
    let mut cell = |place: &Option<(f64, f64)>| {
        let Some((east, north)) = *place else {
            unplaced += 1;
            let number = unplaced - 1;
            return (number % columns, below + number / columns);
        };
        let (x, y) = (
            scaled(east, west, width),
            last - scaled(north, south, height),
        );
        let far = |(column, row): &(usize, usize)| {
            (*column as f64 - x).powi(2) + (*row as f64 - y).powi(2)
        };
        let nearest = free
            .iter()
            .min_by(|one, other| far(one).total_cmp(&far(other)));
        let nearest = nearest.copied().unwrap_or_default();
        free.remove(&nearest);
        nearest
    };
    places.iter().map(&mut cell).collect()
}

/// The side of the smallest square with so many cells.
fn side(cells: usize) -> usize {
    let mut side = 0;
    while side * side < cells {
        side += 1;
    }
    side
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tiles_lie_on_each_other() {
        // Anywhere, many at one place, and some nowhere: numbers that look like chance and are none.
        for count in 0..60_u32 {
            let number = |of: u32| f64::from(of.wrapping_mul(2_654_435_761) >> 20) / 10.0;
            let place = |one: u32| match one % 4 {
                0 => None,
                1 => Some((7.0, 7.0)),
                _ => Some((number(one * count), number(one + count) - 100.0)),
            };
            let places: Vec<_> = (0..count).map(place).collect();
            let cells = cells(&places);
            let distinct: BTreeSet<_> = cells.iter().collect();
            assert_eq!(distinct.len(), places.len(), "{cells:?}");
        }
    }

    #[test]
    fn north_lies_above_and_east_to_the_right_also_where_all_lie_at_one_place() {
        let found = cells(&[Some((0.0, 1.0)), Some((1.0, 1.0)), Some((0.0, 0.0)), None]);
        let [north_west, north_east, south_west, nowhere] = found[..] else {
            panic!("{found:?}");
        };
        assert!(north_west.0 < north_east.0 && north_west.1 == north_east.1);
        assert!(north_west.0 == south_west.0 && north_west.1 < south_west.1);
        assert!(nowhere.1 > south_west.1, "below the others");
        let same = cells(&[Some((5.0, 5.0)); 9]);
        assert_eq!(same.iter().collect::<BTreeSet<_>>().len(), 9);
        assert_eq!(cells(&[None; 5]), [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)]);
    }

    #[test]
    fn a_level_is_told_by_shape_and_word_and_no_name_is_markup() {
        let tile = |level| Tile {
            label: "06".to_owned(),
            title: "<b>West".to_owned(),
            address: "/stats?day=2020-02-20&in=3306".to_owned(),
            level,
            place: None,
        };
        let all = [
            Some(Level::High),
            Some(Level::Medium),
            Some(Level::Low),
            None,
        ];
        let svg = tiles(&all.map(tile), "\"Map").unwrap();
        assert!(!svg.contains("<b>") && !svg.contains("\"\"Map"));
        let link = "<a href=\"/stats?day=2020-02-20&amp;in=3306\" aria-label=\"&lt;b&gt;West\"";
        assert_eq!(svg.matches(link).count(), 4, "{svg}");
        assert_eq!(svg.matches("<path").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 1);
        let shapes: BTreeSet<String> = all.iter().map(|level| square(0, 0, *level)).collect();
        assert_eq!(shapes.len(), 4, "each its own shape");
        assert!(tiles(&[tile(None)], "").is_none());
        let many: Vec<Tile> = (0..=MOST).map(|_| tile(None)).collect();
        assert!(tiles(&many, "").is_none());
    }
}
