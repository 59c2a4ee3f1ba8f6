//! Who brought a layer, and so what is in it.

/// Who brought a layer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The image named in the final stage's FROM.
    Base,
    /// An instruction of the target's own Dockerfile.
    Own,
    /// Cannot be told for certain.
    Unknown,
}
