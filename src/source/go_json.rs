//! JSON as Go's `encoding/json` reads it into a struct: engines read the documents of an image so.
//!
//! What that is, beside serde_json's own reading: a key means a field in any case, under Unicode's simple folding (`user`, `uſer`);
//! `null` is the zero value of any type; a struct is an object and never a list. Go takes the last of several keys that mean one
//! field, and other readers the first, so here they are an error. Keys of maps are free, and the last of equal ones counts.
//! Stricter than Go: text that is not Unicode is an error.

use std::collections::HashSet;
use std::iter;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

/// More keys than any struct has: a bound on what is remembered of them.
const MOST_KEYS: usize = 1000;

/// Reads one document into structs that derive `Deserialize`; the names of their fields are those of Go's tags.
///
/// # Errors
/// Where Go has one, and where two readers could differ.
pub(super) fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let mut document = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Go(&mut document))?;
    document.end()?;
    Ok(value)
}

/// A deserializer, a visitor or an access of serde_json, made to read as Go does, and so is what lies below it.
struct Go<T>(T);

/// What a value is read into.
#[derive(Clone, Copy)]
enum Shape {
    Bool,
    Unsigned,
    Text,
    List,
    Map,
    Struct(&'static [&'static str]),
}

/// A visitor of a value of one shape, or of `null`.
struct OrZero<V> {
    shape: Shape,
    visitor: V,
}

impl<'de, D: Deserializer<'de>> Go<D> {
    fn shaped<V: Visitor<'de>>(self, shape: Shape, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(OrZero { shape, visitor })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Go<D> {
    type Error = D::Error;

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.shaped(Shape::Bool, visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.shaped(Shape::Unsigned, visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.shaped(Shape::Text, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.shaped(Shape::Text, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.shaped(Shape::List, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.shaped(Shape::Map, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.shaped(Shape::Struct(fields), visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Go(visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("no document of an image has a field of this type"))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct enum
        identifier
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for OrZero<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        match self.shape {
            Shape::Bool => self.visitor.visit_bool(false),
            Shape::Unsigned => self.visitor.visit_u64(0),
            Shape::Text => self.visitor.visit_str(""),
            Shape::List => self.visitor.visit_seq(SeqDeserializer::new(iter::empty::<()>())),
            Shape::Map | Shape::Struct(_) => self.visitor.visit_map(MapDeserializer::new(iter::empty::<((), ())>())),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        match self.shape {
            Shape::Bool => value.deserialize_bool(self.visitor),
            Shape::Unsigned => value.deserialize_u64(self.visitor),
            Shape::Text => value.deserialize_string(self.visitor),
            Shape::List => value.deserialize_seq(Go(self.visitor)),
            Shape::Map => value.deserialize_map(Go(self.visitor)),
            Shape::Struct(fields) => value.deserialize_map(Struct { fields, visitor: self.visitor }),
        }
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Go<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Go(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Go(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Go(entries))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Go<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Go(value))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Go<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Go(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Go<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Go(seed))
    }
}

/// The visitor of a struct.
struct Struct<V> {
    fields: &'static [&'static str],
    visitor: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Struct<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Named { fields: self.fields, entries, seen: HashSet::new() })
    }
}

/// The entries of an object that is a struct, each under the name of the field that it means.
struct Named<A> {
    fields: &'static [&'static str],
    entries: A,
    seen: HashSet<String>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Named<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(key) = self.entries.next_key::<String>()? else { return Ok(None) };
        let folded = fold(&key);
        let field = self.fields.iter().copied().find(|field| fold(field) == folded);
        if self.seen.len() == MOST_KEYS {
            return Err(A::Error::custom(format!("an object has more than {MOST_KEYS} keys")));
        }
        if !self.seen.insert(folded) {
            let shown: String = field.unwrap_or(&key).chars().take(60).collect();
            return Err(A::Error::custom(format!(
                "the key `{shown}` stands there twice, and readers differ in which counts"
            )));
        }
        seed.deserialize(field.unwrap_or(&key).into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.entries.next_value_seed(Go(seed))
    }
}

/// A key without its case. Names of fields are ASCII, and these two are all that folds into ASCII from outside (Unicode's
/// CaseFolding.txt, status S and C).
fn fold(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sock {
        #[serde(rename = "Kids")]
        kids: Vec<Option<Sock>>,
        text: String,
        size: u64,
        empty_layer: bool,
        labels: BTreeMap<String, String>,
        inner: Option<Box<Sock>>,
    }

    fn read(json: &str) -> Result<Sock, String> {
        parse(json.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_is_read_in_any_spelling() {
        let spelled = r#"{"KIDS":[{"TEXT":"a"}],"\u0054ext":"b","\u017fize":3,"EMPTY_layer":true,"Inner":{"Size":1}}"#;
        let plain = r#"{"Kids":[{"text":"a"}],"text":"b","size":3,"empty_layer":true,"inner":{"size":1}}"#;
        assert_eq!(read(spelled), read(plain));
        assert_eq!(read(r#"{"\u212aids":[null]}"#).map(|sock| sock.kids.len()), Ok(1));
        assert_eq!(read(r#"{"emptyLayer":true,"te\u00d7t":1,"size ":2}"#), Ok(Sock::default()));
    }

    #[test]
    fn a_field_that_is_there_twice_is_not_guessed() {
        for twice in [
            r#"{"text":"a","text":"a"}"#,
            r#"{"text":"a","Text":"b"}"#,
            r#"{"size":1,"\u017fize":null}"#,
            r#"{"Kids":[],"\u212aIDS":[]}"#,
            r#"{"inner":{"kids":[],"other":{},"Other":{}}}"#,
            r#"{"Kids":[{"x":1,"X":1}]}"#,
        ] {
            let error = read(twice).expect_err(twice);
            assert!(error.contains("stands there twice"), "{twice}: {error}");
        }
    }

    #[test]
    fn keys_of_a_map_are_free_and_the_last_counts() {
        let labels = read(r#"{"labels":{"a":"1","A":"2","a":"3","b":null}}"#).map(|sock| sock.labels);
        let expected = [("A", "2"), ("a", "3"), ("b", "")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(labels, Ok(BTreeMap::from(expected)));
    }

    #[test]
    fn null_is_the_zero_value() {
        let nulls = r#"{"Kids":null,"text":null,"size":null,"empty_layer":null,"labels":null,"inner":null}"#;
        assert_eq!(read(nulls), Ok(Sock::default()));
        assert_eq!(read("null"), Ok(Sock::default()));
    }

    #[test]
    fn types_and_syntax_are_as_strict_as_in_go() {
        for wrong in [
            "",
            "[]",
            "{} {}",
            "{},",
            r#"{"text":1}"#,
            r#"{"size":"1"}"#,
            r#"{"size":1.0}"#,
            r#"{"size":-1}"#,
            r#"{"size":01}"#,
            r#"{"size":18446744073709551616}"#,
            r#"{"empty_layer":0}"#,
            r#"{"Kids":{}}"#,
            r#"{"Kids":[[]]}"#,
            r#"{"labels":[]}"#,
            r#"{"labels":{"a":1}}"#,
            r#"{"inner":[]}"#,
            r#"{"other":nul}"#,
            r#"{"text":"\ud800"}"#,
            "{\"text\":\"a\nb\"}",
            "\u{feff}{}",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(parse::<Sock>(b"{\"text\":\"\xff\"}").is_err());
    }

    #[test]
    fn what_is_remembered_of_keys_is_bounded() {
        let keys: Vec<String> = (0..=MOST_KEYS).map(|key| format!("\"{key}\":0")).collect();
        let error = read(&format!("{{{}}}", keys.join(","))).expect_err("too many");
        assert!(error.contains("more than 1000 keys"), "{error}");
        assert_eq!(
            read(&format!("{{\"labels\":{{{}}}}}", keys.join(",").replace(":0", ":\"\""))).map(|s| s.labels.len()),
            Ok(MOST_KEYS + 1)
        );
    }
}
