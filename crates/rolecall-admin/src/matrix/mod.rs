//! Matrices for people: roles and permissions, people and roles, people and permissions at a scope.

mod grid;
mod html;
mod people;
mod roles;

pub use grid::{Heading, Mark, Matrix, MatrixKind, MatrixRow};
