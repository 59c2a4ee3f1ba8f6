//! One short paragraph a target whose size changed: whose change it is, and the layers that changed most.

use super::findings::place_of;
use super::paint::Paint;
use super::paragraph::hang;
use crate::domain::{Bytes, Change, ChangeState, LayerChange, Report, TargetReport};
use crate::output::label::Labels;
use crate::output::split::Split;
use crate::text;

/// Layers that are named; the rest is counted.
const LAYERS: usize = 3;

/// A block for each target that changed and of which more is known than by how much.
pub(super) fn blocks(report: &Report, labels: &Labels<'_>, width: Option<usize>, paint: Paint) -> Vec<Vec<String>> {
    let block = |target: &TargetReport| block(target, &labels.of(target), width, paint);
    report.targets.iter().filter_map(block).collect()
}

fn block(target: &TargetReport, label: &str, width: Option<usize>, paint: Paint) -> Option<Vec<String>> {
    let change = target.change.as_ref().filter(|change| change.state == ChangeState::Changed)?;
    let (before, after) = (change.size_before?, target.size?);
    let split = Split::of(target);
    if before == after || split.is_none() && change.layers.is_empty() {
        return None;
    }
    let verb = if after > before { "grew" } else { "shrank" };
    let whose = split.map(|split| split.whole().map_or_else(|| format!(": {split}"), |whole| format!(", {whole}")));
    let whose = whose.unwrap_or_default();
    let sentence = format!("{label} {verb} by {}{whose}", Bytes(after.0.abs_diff(before.0)));
    let mut lines = hang("", &sentence, width);
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.strip_prefix(label)
    {
        *first = format!("{}{rest}", paint.bold(label));
    }
    lines.extend(layers(target, change, width));
    Some(lines)
}

fn layers(target: &TargetReport, change: &Change, width: Option<usize>) -> Vec<String> {
    let shown = change.layers.get(..LAYERS).unwrap_or(&change.layers);
    let amounts: Vec<String> = shown.iter().map(signed).collect();
    let column = amounts.iter().map(|amount| text::width(amount)).max().unwrap_or(0);
    let mut lines: Vec<String> = shown
        .iter()
        .zip(&amounts)
        .flat_map(|(layer, amount)| {
            let indent = column - text::width(amount);
            hang(&format!("  {:indent$}{amount}  ", ""), &what(target, layer), width)
        })
        .collect();
    let more = change.layers.len() - shown.len();
    if more > 0 {
        lines.push(format!("  and {}", text::count(more, "more layer", "more layers")));
    }
    lines
}

/// `+40.2 MB`.
fn signed(layer: &LayerChange) -> String {
    let sign = if layer.after > layer.before { '+' } else { '−' };
    format!("{sign}{}", layer.difference())
}

/// Which layer it is now, or that it is gone.
fn what(target: &TargetReport, layer: &LayerChange) -> String {
    if let Some((index, found)) = layer.index.and_then(|index| Some((index, target.layers.get(index)?))) {
        let new = if layer.before.is_none() { "new: " } else { "" };
        return format!("{new}{}", place_of(index, found, target));
    }
    let instruction = layer.created_by.as_deref().map(text::instruction);
    let instruction = instruction.map(|instruction| format!(": {}", text::line(&instruction)));
    format!("gone{}", instruction.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::fixture::changed;

    fn shown(report: &Report, width: Option<usize>) -> String {
        let blocks = blocks(report, &Labels::new(report), width, Paint::new(false));
        blocks.iter().map(|block| block.join("\n")).collect::<Vec<_>>().join("\n\n")
    }

    #[test]
    fn whose_change_it_is_and_which_layers() {
        insta::assert_snapshot!(shown(&changed(), Some(80)), @"
        api grew by 40.1 MB
          +40.2 MB  layer 3 of 4 (64.2 MB), services/api/Dockerfile:12: RUN apt-get
                    update && apt-get install -y g++ make
           −1.8 MB  gone: COPY assets|`x` /srv
           +1.7 MB  new: layer 4 of 4 (1.7 MB): COPY dist /srv�[2J�

        web shrank by 500.0 kB: the base image grew by 2.0 MB, its own layers shrank by
        2.5 MB
        ");
        let mut report = changed();
        let change = report.targets[0].change.as_mut().expect("compared");
        let layers = change.layers.clone();
        change.layers.extend(layers);
        assert!(shown(&report, None).contains("\n  and 3 more layers"));
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        let mut report = changed();
        for target in &mut report.targets {
            target.base_size = None;
            if let Some(change) = &mut target.change {
                change.layers.clear();
            }
        }
        assert_eq!(shown(&report, None), "");
    }
}
