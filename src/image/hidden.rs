//! Bytes that ship and are not seen, by the layer that hides them.

use super::bits::Bits;
use super::stack::Stack;
use crate::domain::Bytes;

impl Stack<'_> {
    /// For each layer, from the bottom, the bytes of its own or of lower layers that it hides and that no other name shows. With what
    /// [`Stack::totals`] says of the root they are exactly [`Stack::size`].
    pub fn hidden_by_layer(&self) -> Vec<Bytes> {
        let mut shown = Bits::new(self.len());
        for (_, node) in self.live() {
            shown.insert(node.content);
        }
        let mut hidden = vec![Bytes::ZERO; self.layers()];
        for (id, node) in self.since(0) {
            let Some(by) = node.hidden.filter(|_| node.content == id && !shown.contains(id)) else { continue };
            if let Some(sum) = hidden.get_mut(by.by) {
                *sum = Bytes(sum.0.saturating_add(node.bytes()));
            }
        }
        hidden
    }
}
