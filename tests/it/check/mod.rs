//! `imgbudget` as people meet it: the real program, its screens and its exit codes.

mod asking;
mod bad_budgets;
mod bad_dockerfiles;
mod bad_engines;
mod bad_images;
mod bases;
mod commands;
mod desk;
mod held_in_part;
mod help;
mod hostile;
mod init;
mod live_build;
mod live_sizes;
mod live_stops;
mod memory;
mod origins;
mod outputs;
mod path_groups;
mod policies;
mod sources;
mod verdicts;
