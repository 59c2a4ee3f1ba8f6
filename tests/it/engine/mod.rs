//! The engine room against real engines, and against fake ones for what real ones do only on bad days.

mod bad_days;
mod endless;
mod real;
mod several;
