//! What is advised, and what must stay silent.

use proptest::prelude::*;

use super::*;
use crate::contents::fixture::{Image, Item, file, owned_by_debian, text};
use crate::domain::{BaseImage, CanGoKind, Place};

const MB: u64 = 1_000_000;

/// Advice on an image of which a Debian package owns these files, a line each.
fn told(image: &Image, of_debian: &[&str]) -> Vec<String> {
    image.look(|view| {
        let (can_go, together) = find(view, &owned_by_debian(view, of_debian)).expect("memory");
        let promised: Bytes = can_go.iter().filter_map(|it| it.bytes).sum();
        assert!(together <= promised && can_go.iter().all(|it| it.bytes <= Some(together)), "{can_go:?}");
        let line = |it: &CanGo| {
            let bytes = it.bytes.map_or_else(|| "–".to_owned(), |bytes| bytes.to_string());
            let line = it.line.as_ref().map(|place| format!(":{} ", place.line)).unwrap_or_default();
            format!("{bytes} {} → {line}{}", it.what, it.fix)
        };
        can_go.iter().map(line).collect()
    })
}

fn gone(path: &str) -> Item {
    Item::Gone(path.to_owned())
}

#[test]
fn each_with_the_fix_that_fits_its_instruction() {
    let image = Image::default()
        .base(&[file("/usr/bin/sh", 9 * MB), file("/var/lib/apt/lists/base", 7 * MB)])
        .own("RUN apt-get update && apt-get install -y x", &[file("/var/lib/apt/lists/own", 5 * MB)])
        .own("RUN npm ci", &[file("/root/.npm/_cacache/content-v2/a", 4 * MB)])
        .own("COPY . /app", &[file("/app/.git/pack", 3 * MB), text("/app/.env", "TOKEN=abcdef\n")])
        .own("COPY --from=build /src /srv", &[file("/srv/.hg/data", 2 * MB)])
        .own("RUN ./crash", &[file("/tmp/core.12", 6 * MB)]);
    insta::assert_snapshot!(told(&image, &[]).join("\n"), @"
    6.0 MB /tmp/core.12 → :6 delete /tmp/core.12 in the same RUN
    5.0 MB /var/lib/apt/lists → :2 end the RUN with && rm -rf /var/lib/apt/lists/*
    4.0 MB /root/.npm/_cacache → :3 RUN --mount=type=cache,target=/root/.npm
    3.0 MB /app/.git → :4 add .git to .dockerignore
    2.0 MB /srv/.hg → :5 leave /srv/.hg out of the COPY
    13 B /app/.env → :4 add .env to .dockerignore
    ");
}

#[test]
fn what_later_layers_hide_goes_in_the_instruction_that_brought_it() {
    let image = Image::default()
        .base(&[file("/usr/bin/sh", 9 * MB)])
        .own("RUN make", &[file("/tmp/build/a.o", 8 * MB), file("/opt/app", MB)])
        .own("COPY . /app", &[file("/app/a", 3 * MB), file("/app/b", 3 * MB), file("/app/notes", 2 * MB)])
        .own("RUN chown -R node:node /app", &[file("/app/a", 3 * MB), file("/app/b", 3 * MB)])
        .own(
            "RUN rm -rf /tmp/build /app/notes /usr/bin/sh",
            &[gone("/tmp/build"), gone("/app/notes"), gone("/usr/bin/sh")],
        );
    insta::assert_snapshot!(told(&image, &[]).join("\n"), @"
    8.0 MB /tmp/build, deleted on line 5 → :2 delete /tmp/build in the same RUN
    6.0 MB /app, again on line 4 → :3 COPY --chown=node:node
    2.0 MB /app/notes, deleted on line 5 → :3 add notes to .dockerignore
    ");
}

#[test]
fn what_may_be_needed_stays_silent() {
    let of_debian = ["/usr/lib/a.so", "/usr/lib/b.so", "/var/cache/apt/archives/x.deb"];
    let small = 900_000;
    let image = Image::default()
        // The base image's, whatever it is.
        .base(&[file("/root/.cache/pip/x", 50 * MB), file("/app/.git/x", 50 * MB)])
        // What a package of the operating system owns.
        .own("RUN apt-get install x", &of_debian.map(|path| file(path, 20 * MB)))
        // What is less than a megabyte, or than a hundredth of the own layers.
        .own("RUN pip install y", &[file("/home/me/.cache/pip/y", small), file("/opt/y", 100 * MB)])
        .own("RUN npm ci", &[file("/home/me/.npm/_cacache/content-v2/z", 1_500_000)])
        // What is only called like something.
        .own("COPY . /srv", &[file("/srv/.git", 5 * MB), file("/srv/.yarn/cache/a.zip", 9 * MB)])
        .own("RUN x", &[file("/srv/__pycache__/a.pyc", 9 * MB), file("/usr/share/locale/de/x.mo", 9 * MB)]);
    assert_eq!(told(&image, &of_debian), Vec::<String>::new());
}

#[test]
fn without_a_dockerfile_the_image_as_a_whole_is_asked_about() {
    let unknown = |items: &[Item]| Image::default().unknown(items);
    let image = unknown(&[file("/root/.cache/pip/x", 5 * MB)]);
    assert_eq!(told(&image, &[]), ["5.0 MB /root/.cache/pip → pip install --no-cache-dir"]);
}

#[test]
fn duplicates_are_own_files_of_one_content() {
    let sums = [
        ("/app/a.bin", 7),
        ("/app/copy.bin", 7),
        ("/app/other.bin", 8),
        ("/base/a.bin", 7),
        ("/app/node_modules/x/a.bin", 9),
        ("/app/node_modules/y/a.bin", 9),
    ];
    let items = |here: fn(&str) -> bool| -> Vec<Item> {
        sums.iter().filter(|(path, _)| here(path)).map(|(path, _)| file(path, 2 * MB)).collect()
    };
    let link = Item::Same("/app/link.bin".to_owned(), "/app/a.bin".to_owned());
    let mut own = items(|path| path.starts_with("/app"));
    own.push(link);
    let image = Image::default().base(&items(|path| path.starts_with("/base"))).own("RUN cp", &own).sums(&sums);
    assert_eq!(told(&image, &[]), ["2.0 MB the same again: /app/copy.bin → :2 link it: ln instead of cp"]);
}

#[test]
fn the_base_image_is_a_fact_without_bytes() {
    let place = Place { file: "Dockerfile".to_owned(), line: 1, column: 1 };
    let image = Image::default().base(&[file("/usr/bin/gcc", 9)]).own("RUN x", &[file("/a", 9)]);
    let facts = |reference: &str| {
        image.look(|view| {
            let base = BaseImage { reference: reference.to_owned(), place: place.clone() };
            let mut view = *view;
            view.told.base = Some(&base);
            let (can_go, together) = find(&view, &owned_by_debian(&view, &[])).expect("memory");
            assert_eq!(together, Bytes::ZERO);
            can_go.into_iter().map(|it| (it.kind, it.bytes, it.what, it.fix, it.line)).collect::<Vec<_>>()
        })
    };
    let slim = (CanGoKind::Base, None, "has a smaller variant".to_owned(), "node:20-slim: try it".to_owned());
    assert_eq!(facts("node:20"), [(slim.0, slim.1, slim.2, slim.3, Some(place.clone()))]);
    assert_eq!(facts("registry.example.com/base:1"), []);
    assert_eq!(on_another_base(Bytes(3), Bytes(4)), Some(Bytes(7)));
    assert_eq!(on_another_base(Bytes(u64::MAX), Bytes(1)), None);
}

/// Files of some images: few names, so that layers hide and repeat each other.
fn items() -> impl Strategy<Value = Vec<Item>> {
    let places =
        ["/root/.cache/pip/a", "/app/.git/a", "/app/.git/b", "/app/a", "/var/lib/apt/lists/a", "/app/core.7", "/.env"];
    let item = (prop::sample::select(places.to_vec()), 0_u64..4, 0..5).prop_map(|(path, size, kind)| match kind {
        0 => gone(path),
        1 => Item::Same(path.to_owned(), "/app/.git/a".to_owned()),
        2 if path == "/.env" => text(path, "TOKEN=abcdef\n"),
        _ => file(path, size * MB),
    });
    prop::collection::vec(item, 0..6)
}

proptest! {
    #[test]
    fn never_more_than_there_is_and_the_same_in_any_order(
        layers in prop::collection::vec((any::<bool>(), items()), 1..5),
    ) {
        let mut image = Image::default();
        for (is_base, items) in layers {
            // A path once in a layer, as in a tree.
            let mut seen = std::collections::BTreeSet::new();
            let items: Vec<Item> = items.into_iter().filter(|item| seen.insert(item.path().to_owned())).collect();
            image = if is_base && image.is_of_base() { image.base(&items) } else { image.own("RUN x", &items) };
        }
        image.look(|view| {
            let found = owned_by_debian(view, &["/app/a"]);
            let (can_go, together) = find(view, &found).expect("memory");
            let ground = Ground::new(view, &found).expect("memory");
            prop_assert!(together <= ground.own, "{together} of {}", ground.own);
            for it in &can_go {
                prop_assert!(it.bytes.is_none_or(|bytes| bytes <= ground.own));
            }
            let mut turned = Vec::new();
            let mut all = Claims::new(view);
            for analysis in ANALYSES.iter().rev() {
                for candidate in analysis(&ground).expect("memory").into_iter().rev() {
                    turned.extend(settled(&ground, &candidate, &mut all).expect("memory"));
                }
            }
            turned.sort_by(|a, b| order(a).cmp(&order(b)));
            prop_assert_eq!(&turned, &can_go);
            let promised: Bytes = turned.iter().filter_map(|it| it.bytes).sum();
            prop_assert_eq!(all.weigh(&ground).0.min(promised), together);
            Ok(())
        })?;
    }
}
