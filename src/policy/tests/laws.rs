//! What holds whatever the numbers are.

use proptest::prelude::*;

use super::*;
use crate::domain::Report;

/// An image of these layers, the first so many of the base.
fn image(sizes: &[u64], of_base: usize) -> Measurement {
    let layers = sizes.iter().zip(0u8..).map(|(size, seed)| MeasuredLayer {
        diff_id: DiffId(Digest::from_sha256([seed; 32])),
        size: Some(Bytes(*size)),
        compressed_size: Some(Bytes(*size / 2)),
        created_by: None,
        origin: if usize::from(seed) < of_base { Origin::Base } else { Origin::Own },
        dockerfile: None,
        copied_from: None,
    });
    let layers: Vec<MeasuredLayer> = layers.collect();
    Measurement {
        stored: layers.iter().map(|layer| layer.size).sum::<Option<Bytes>>().map(|size| Stored { size, ..stored() }),
        compressed_size: Some(CompressedSize::exact(layers.iter().filter_map(|layer| layer.compressed_size).sum())),
        layers,
        ..measurement()
    }
}

fn rules(limits: [u64; 5]) -> Rules {
    let [size, compressed, own, layer, count] = limits;
    Rules {
        max_compressed_size: limit(None, Some(Bytes(compressed))),
        max_own_size: limit(None, Some(Bytes(own))),
        max_layer_size: limit(None, Some(Bytes(layer))),
        max_layers: limit(None, Some(count)),
        ..sized(None, Some(size))
    }
}

prop_compose! {
    fn images()(sizes in prop::collection::vec(0u64..200, 0..6), of_base in 0usize..4) -> Measurement {
        image(&sizes, of_base)
    }
}

proptest! {
    #[test]
    fn a_higher_limit_never_fails_what_passed(
        image in images(),
        limits in prop::array::uniform5(0u64..400),
        more in prop::array::uniform5(0u64..400),
    ) {
        let raised: Vec<u64> = limits.iter().zip(more).map(|(limit, more)| limit + more).collect();
        let low = report(rules(limits), &image, &[]);
        let high = report(rules(raised.try_into().expect("five")), &image, &[]);
        prop_assert!(high.verdict <= low.verdict);
        for (high, low) in high.rules.iter().zip(&low.rules) {
            prop_assert!(high.rule == low.rule && high.status <= low.status);
        }
    }

    #[test]
    fn an_exception_never_makes_it_worse(image in images(), fail in 0u64..400, up_to in 0u64..400) {
        let allows = [Allow { up_to: Some(UpTo::Bytes(Bytes(up_to))), ..allow(Rule::Size) }];
        let plain = report(sized(None, Some(fail)), &image, &[]);
        let excused = report(sized(None, Some(fail)), &image, &allows);
        prop_assert!(excused.verdict <= plain.verdict);
        prop_assert_eq!(excused.verdict == Verdict::Pass, image.size().is_some_and(|size| size.0 <= fail.max(up_to)));
    }

    #[test]
    fn a_finding_blames_a_layer_that_is_there(image in images(), before in images(), limits in prop::array::uniform5(0u64..400)) {
        let earlier = Report::new(vec![report(Rules::default(), &before, &[])], None, Vec::new());
        let report = compared(rules(limits), &image, &[], Some(&Earlier::Report(Box::new(earlier))));
        for layer in report.findings.iter().filter_map(|finding| finding.layer.as_ref()) {
            prop_assert_eq!(Some(&layer.diff_id), report.layers.get(layer.index).map(|layer| &layer.diff_id));
        }
    }

    #[test]
    fn the_order_of_targets_changes_no_verdict(images in prop::collection::vec(images(), 0..5), fail in 0u64..400) {
        let budgets = Budgets { allows: vec![Allow { up_to: Some(UpTo::Bytes(Bytes(1))), ..allow(Rule::Size) }], ..Budgets::default() };
        let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: None, only_new: false, left_out: None };
        let judged: Vec<TargetReport> = images.iter().zip(0..).map(|(image, number)| {
            let name = format!("t{number}").parse().expect("a name");
            judge(&Target { name, ..target(sized(None, Some(fail))) }, measured(image.clone()), &rulebook)
        }).collect();
        let there = conclude(judged.clone(), None, &rulebook);
        let back = conclude(judged.into_iter().rev().collect(), None, &rulebook);
        prop_assert_eq!(there.verdict, back.verdict);
        prop_assert_eq!(there.targets, back.targets.into_iter().rev().collect::<Vec<_>>());
    }
}
