//! A world, as programs exchange it.

use crate::questions::{EngineCall, Question};
use crate::vectors::Vector;
use serde::{Deserialize, Serialize};

/// Two documents and questions about them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct World {
    pub policy: String,
    pub directory: String,
    pub questions: Vec<Question>,
}

impl World {
    /// Returns the world of a vector: its documents, and the questions of its cases.
    #[must_use]
    pub fn of_vector(vector: &Vector) -> Self {
        let questions = vector.cases.iter().map(|case| case.question.clone()).collect();
        Self { policy: vector.policy.clone(), directory: vector.directory().to_string(), questions }
    }

    /// Returns the requests to check.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().filter_map(|question| match question {
            Question::Engine(EngineCall::Check { request }) => Some(request.as_str()),
            _ => None,
        })
    }
}
