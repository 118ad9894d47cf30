//! Pages of lists. A cursor names the last row of a page, so pages stay right when rows are added or removed.

use super::query::ListQuery;
use crate::refusal::{Refusal, RefusalCode};
use serde::Serialize;

/// The number of rows of a page, unless the query states one.
pub const PAGE: usize = 100;

/// The maximum number of rows of a page.
pub const LARGEST_PAGE: usize = 1000;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// The number of rows of all pages.
    pub total: usize,
    /// The cursor of the next page: the value of `after` of its query. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A row that a list found, before it is built.
pub(crate) struct Found<T> {
    /// The value in the column that orders the rows.
    pub(crate) sort: String,
    /// The id of the row, unique in its list.
    pub(crate) id: String,
    pub(crate) row: T,
}

/// The order of a list: the name of a column, and whether it is reversed.
#[derive(Clone, Copy)]
pub(crate) struct Order<'q> {
    pub(crate) column: &'q str,
    reversed: bool,
}

impl<'q> Order<'q> {
    /// Returns the order of a query to a list with these columns, of which the first is the default.
    pub(crate) fn of(query: &'q ListQuery, columns: &[&'q str]) -> Result<Self, Refusal> {
        let Some(sort) = &query.sort else {
            return Ok(Self { column: columns.first().copied().unwrap_or_default(), reversed: false });
        };
        let name = sort.strip_prefix('-').unwrap_or(sort);
        if !columns.contains(&name) {
            let refusal = malformed(format!("the list has no order `{sort}`"));
            return Err(refusal.with_help(format!("write one of `{}`, with `-` to reverse it", columns.join("`, `"))));
        }
        Ok(Self { column: name, reversed: name.len() < sort.len() })
    }
}

fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::Malformed, message)
}

/// Returns the page of a list that a query names. `list` is the name of the list; only the rows of the page are built.
pub(crate) fn page<F, T>(
    list: &str,
    query: &ListQuery,
    order: Order<'_>,
    mut found: Vec<Found<F>>,
    build: impl Fn(F) -> T,
) -> Result<Page<T>, Refusal> {
    let limit = query.limit.unwrap_or(PAGE);
    if limit == 0 || limit > LARGEST_PAGE {
        let refusal = malformed(format!("a page has from 1 to {LARGEST_PAGE} rows, not {limit}"));
        return Err(refusal.with_help("request the next page for more rows"));
    }
    let total = found.len();
    if let Some(cursor) = &query.after {
        let last = read(list, order, cursor)?;
        found.retain(|row| {
            let key = (row.sort.as_str(), row.id.as_str());
            let last = (last.0.as_str(), last.1.as_str());
            key != last && (key > last) != order.reversed
        });
    }
    let compare = |one: &Found<F>, other: &Found<F>| {
        let ordering = (&one.sort, &one.id).cmp(&(&other.sort, &other.id));
        if order.reversed { ordering.reverse() } else { ordering }
    };
    let has_more = found.len() > limit;
    if has_more {
        // Only the rows of the page are sorted.
        found.select_nth_unstable_by(limit, compare);
        found.truncate(limit);
    }
    found.sort_unstable_by(compare);
    let next = found.last().filter(|_| has_more).map(|last| write(list, order, last));
    let rows = found.into_iter().map(|found| build(found.row)).collect();
    Ok(Page { rows, total, next })
}

/// What a cursor contains: the list, its order, and the sorted value and id of the last row.
type Cursor = (String, String, bool, String, String);

fn write<T>(list: &str, order: Order<'_>, last: &Found<T>) -> String {
    let cursor = (list, order.column, order.reversed, &last.sort, &last.id);
    let text = serde_json::to_string(&cursor).unwrap_or_default();
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the sorted value and the id that a cursor contains.
fn read(list: &str, order: Order<'_>, cursor: &str) -> Result<(String, String), Refusal> {
    let digits: Option<Vec<u8>> =
        cursor.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let bytes =
        digits.map(|digits| digits.chunks(2).map(|pair| pair.iter().fold(0, |sum, one| sum << 4 | one)).collect());
    let read = bytes.and_then(|bytes: Vec<u8>| serde_json::from_slice::<Cursor>(&bytes).ok());
    match read {
        Some((of, column, reversed, sort, id))
            if (of.as_str(), column.as_str(), reversed) == (list, order.column, order.reversed) =>
        {
            Ok((sort, id))
        }
        Some(_) => Err(malformed("the cursor in `after` belongs to another list or order")
            .with_help("change neither from page to page, or request the first page")),
        None => {
            Err(malformed("`after` is not the cursor of a page")
                .with_help("send the `next` of the page before, as it is"))
        }
    }
}
