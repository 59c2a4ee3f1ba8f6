//! A whole archive: an image that comes out is whole, whatever the pace, and a part of the archive never gives a smaller one.
#![no_main]

use imgbudget::source::{ImageContent, Limits, Wanted, archive};
use imgbudget_fuzz::Trickle;
use libfuzzer_sys::fuzz_target;

fn sizes(image: &ImageContent) -> Vec<u64> {
    image.layers.iter().map(|layer| layer.size().0).collect()
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("archive"), |data: &[u8]| {
    let tar = match data.split_first() {
        // As it is: headers, compression, garbage.
        Some((0, raw)) => raw.to_vec(),
        _ => imgbudget_fuzz::archive(data),
    };
    let read = |bytes: &[u8]| archive::read(bytes, &Wanted::default(), "fuzz", &Limits::default(), &mut |_| {});
    let image = match read(&tar) {
        Ok(image) => image,
        Err(error) => {
            let shown = format!("{} {}", error.chain(), error.hint().unwrap_or_default());
            assert!(shown.len() < 100_000, "an error of {} bytes", shown.len());
            return;
        }
    };
    assert_eq!(image.layers.len(), image.config.diff_ids.len());
    for (layer, diff_id) in image.layers.iter().zip(&image.config.diff_ids) {
        assert_eq!(layer.diff_id(), diff_id);
    }
    let slowly = archive::read(Trickle(&tar), &Wanted::default(), "fuzz", &Limits::default(), &mut |_| {}).expect("the same bytes");
    assert_eq!(sizes(&slowly), sizes(&image));
    for cut in [tar.len() / 4, tar.len() / 2, tar.len().saturating_sub(1536)] {
        if let Ok(part) = read(&tar[..cut]) {
            // What is whole without its tail is another image, or the same.
            assert!(part.config.id != image.config.id || sizes(&part) == sizes(&image));
        }
    }
});
