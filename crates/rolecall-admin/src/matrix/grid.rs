//! Matrices, and their forms as tables.

use crate::lists::{Page, TableRow, csv_line};
use serde::Serialize;

/// A matrix: rows with a cell for each column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Matrix {
    /// What the matrix shows.
    pub of: MatrixKind,
    /// The scope.
    pub at: String,
    /// The columns, in order.
    pub columns: Vec<Heading>,
    /// A page of the rows.
    #[serde(flatten)]
    pub page: Page<MatrixRow>,
}

/// What a matrix shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MatrixKind {
    /// The permissions that roles hold.
    RolesPermissions,
    /// The roles that subjects and groups hold at a scope and below.
    PeopleRoles,
    /// The permissions that the roles of subjects and groups give at a scope.
    PeoplePermissions,
}

/// The name of a row or a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Heading {
    /// The id.
    pub id: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A row of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MatrixRow {
    /// The name of the row.
    #[serde(flatten)]
    pub heading: Heading,
    /// The cells, one for each column.
    pub cells: Vec<Mark>,
}

/// A cell of a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Mark {
    /// The row has nothing of the column.
    #[default]
    None,
    /// An assignment that ended.
    Expired,
    /// An assignment that begins later.
    NotYet,
    /// By an inherited role, or through a group.
    Indirect,
    /// By the role itself, or by a direct assignment.
    Direct,
}

impl MatrixKind {
    /// Returns the title of a matrix.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::RolesPermissions => "Roles and permissions",
            Self::PeopleRoles => "People and roles",
            Self::PeoplePermissions => "People and permissions",
        }
    }

    /// Returns what a mark means in this matrix.
    #[must_use]
    pub fn meaning(self, mark: Mark) -> &'static str {
        match (self, mark) {
            (_, Mark::None) => "",
            (_, Mark::Expired) => "ended",
            (_, Mark::NotYet) => "later",
            (Self::RolesPermissions, Mark::Indirect) => "inherited",
            (Self::RolesPermissions, Mark::Direct) => "granted",
            (_, Mark::Indirect) => "through a group",
            (_, Mark::Direct) => "direct",
        }
    }
}

impl Mark {
    /// Returns the sign of the mark, for tables of text.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Expired => "×",
            Self::NotYet => "…",
            Self::Indirect => "○",
            Self::Direct => "●",
        }
    }
}

impl TableRow for MatrixRow {
    const COLUMNS: &'static [&'static str] = &["id", "title"];

    fn cells(&self) -> Vec<String> {
        vec![self.heading.id.clone(), self.heading.title.clone().unwrap_or_default()]
    }
}

impl Matrix {
    /// Returns the matrix as comma-separated values, as RFC 4180 writes them: each cell has the meaning of its mark.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let columns = self.columns.iter().map(|column| column.id.as_str());
        let head = csv_line(MatrixRow::COLUMNS.iter().copied().chain(columns));
        let rows = self.page.rows.iter().map(|row| {
            let cells = row.cells.iter().map(|mark| self.of.meaning(*mark).to_string());
            csv_line(TableRow::cells(row).into_iter().chain(cells))
        });
        std::iter::once(head).chain(rows).collect()
    }
}
