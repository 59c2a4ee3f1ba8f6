//! Screens of answers.
