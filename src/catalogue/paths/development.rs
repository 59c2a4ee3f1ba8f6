//! What only compilers, linkers and debuggers read.

/// Whether a file maps a compiled script or style sheet to its sources. Other files that end in `.map` are somebody's data.
pub fn is_source_map(name: &[u8]) -> bool {
    [".js.map", ".mjs.map", ".cjs.map", ".css.map", ".ts.map"].iter().any(|end| ends(name, end))
}

/// Whether a directory is all headers: the C++ standard library has none that ends in `.h`.
pub fn is_of_headers(path: &[u8]) -> bool {
    matches!(path, b"/usr/include" | b"/usr/local/include")
}

/// Whether a file below a directory called `include` is a header.
pub fn is_header(name: &[u8]) -> bool {
    [".h", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".ipp", ".tcc"].iter().any(|end| ends(name, end))
}

/// Whether a file is an archive of objects, or a Rust library.
pub fn is_static_library(name: &[u8]) -> bool {
    name.starts_with(b"lib") && [".a", ".rlib"].iter().any(|end| ends(name, end))
}

/// What a kernel calls the memory of a crashed program: `core.` and the number of its process.
pub fn is_numbered_core(name: &[u8]) -> bool {
    let number = name.strip_prefix(b"core.").unwrap_or_default();
    !number.is_empty() && number.len() <= 10 && number.iter().all(u8::is_ascii_digit)
}

fn ends(name: &[u8], end: &str) -> bool {
    name.len() > end.len() && name.ends_with(end.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_enough_and_names_that_do_not() {
        assert!(is_source_map(b"app.js.map") && is_source_map(b"x.d.ts.map") && !is_source_map(b"world.map"));
        assert!(is_header(b"stdio.h") && !is_header(b"config.php") && !is_header(b".h"));
        assert!(is_static_library(b"libc.a") && !is_static_library(b"data.a") && !is_static_library(b"liba"));
        assert!(is_numbered_core(b"core.4711"));
        for name in ["core", "core.", "core.js", "core.1.gz", "score.1", "core.12345678901"] {
            assert!(!is_numbered_core(name.as_bytes()), "{name}");
        }
    }
}
