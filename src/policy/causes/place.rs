//! The place that can be changed about a finding.

use crate::domain::{CauseAt, Finding, LayerReport, Origin, Role, Rule, TargetReport};

/// Where to change something about a finding of a report.
pub(super) fn of(report: &TargetReport, finding: &Finding) -> CauseAt {
    match finding.rule {
        Rule::WrongStage => CauseAt::Stage,
        Rule::RootUser => CauseAt::Setting { instruction: "USER".to_owned(), line: finding.dockerfile.clone() },
        Rule::ExpiredAllow | Rule::BudgetChanged | Rule::NoBudget => CauseAt::Budget { line: finding.budget.clone() },
        Rule::Layers | Rule::FleetSize => CauseAt::Image,
        Rule::Size
        | Rule::CompressedSize
        | Rule::OwnSize
        | Rule::LayerSize
        | Rule::Wasted
        | Rule::Growth
        | Rule::OwnGrowth
        | Rule::OsPackages
        | Rule::ForbiddenTool
        | Rule::ShadowedTool
        | Rule::ForbiddenPath => {
            let layer =
                finding.layer.as_ref().filter(|layer| layer.role != Role::Largest || stands_out(report, layer.index));
            layer.map_or(CauseAt::Image, |layer| of_layer(report, layer.index))
        }
    }
}

/// The place of a layer: all layers of the base image are one, and so are those that one line made.
fn of_layer(report: &TargetReport, index: usize) -> CauseAt {
    match report.layers.get(index) {
        Some(layer) if layer.origin == Origin::Base => {
            CauseAt::Base { line: report.base.as_ref().map(|base| base.place.clone()) }
        }
        Some(layer) => {
            CauseAt::Layer { index: same_line(report, index).next().unwrap_or(index), line: layer.dockerfile.clone() }
        }
        None => CauseAt::Image,
    }
}

/// The layers that the line of one made, from the bottom: what a base image keeps with ONBUILD is run by one FROM. Where no line is
/// known, the layer alone.
pub(super) fn same_line(report: &TargetReport, index: usize) -> impl Iterator<Item = usize> + '_ {
    let line = report.layers.get(index).and_then(|layer| layer.dockerfile.as_ref());
    let belongs =
        move |other: usize, layer: &LayerReport| other == index || line.is_some() && layer.dockerfile.as_ref() == line;
    report.layers.iter().enumerate().filter(move |(other, layer)| belongs(*other, layer)).map(|(other, _)| other)
}

/// Whether the largest of some layers is so much of them that it is the one to look at: at least a third of its image.
fn stands_out(report: &TargetReport, index: usize) -> bool {
    let size = |layer: &LayerReport| u128::from(layer.size.or(layer.compressed_size).unwrap_or_default().0);
    let all: u128 = report.layers.iter().map(size).sum();
    report.layers.get(index).is_some_and(|layer| size(layer) * 3 >= all)
}
