//! An image's config: what is read is what stands there, in whatever case Go would take it; two readings are refused.
#![no_main]

use imgbudget::source::{Limits, Wanted, archive};
use imgbudget_fuzz::member;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// The key as Go's decoder compares it: two letters of Unicode fold to ASCII ones.
fn folded(key: &str) -> String {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    key.chars().map(fold).collect()
}

/// The values of every key that means `name`.
fn named<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    let object = value.as_object().into_iter().flatten();
    object.filter(|(key, _)| folded(key) == name).map(|(_, value)| value).collect()
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("config"), |data: &[u8]| {
    let mut layer = Vec::new();
    member(&mut layer, b"a", b'0', b"", b"hello");
    layer.resize(layer.len() + 1024, 0);
    // `@` stands for the one layer's digest, which no mutation could guess.
    let diff_id = imgbudget::domain::Digest::of(&layer).hex();
    let config: Vec<u8> =
        data.iter().flat_map(|byte| if *byte == b'@' { diff_id.as_bytes().to_vec() } else { vec![*byte] }).collect();

    let mut tar = Vec::new();
    member(&mut tar, b"layer.tar", b'0', b"", &layer);
    member(&mut tar, b"config.json", b'0', b"", &config);
    member(&mut tar, b"manifest.json", b'0', b"", br#"[{"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]}]"#);
    tar.resize(tar.len() + 1024, 0);
    let Ok(image) = archive::read(&tar[..], &Wanted::default(), "fuzz", &Limits::default(), &mut |_| {}) else { return };

    assert_eq!(image.layers.len(), 1);
    // The oracle is stricter than Go about halves of surrogate pairs, bytes that are no UTF-8, and depth.
    let Ok(value) = serde_json::from_slice::<Value>(&config) else { return };
    let one = |value: &'_ Value, name: &str| {
        let values = named(value, name);
        assert!(values.len() <= 1, "{name} stands there twice, and one was taken");
        values.first().map_or(Value::Null, |value| (*value).clone())
    };
    let user = one(&one(&value, "config"), "user");
    assert_eq!(image.config.user.as_deref(), user.as_str().filter(|user| !user.is_empty()));
    let listed = one(&one(&value, "rootfs"), "diff_ids");
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let history = one(&value, "history");
    assert_eq!(image.config.history.len(), history.as_array().map_or(0, Vec::len));
    for (read, stands) in image.config.history.iter().zip(history.as_array().into_iter().flatten()) {
        assert_eq!(read.empty_layer, one(stands, "empty_layer") == Value::Bool(true));
    }
});
