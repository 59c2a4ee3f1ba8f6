//! Ways to read an image of an engine, and what each says of the same image.

mod metadata;
