//! One comment: made, left alone, brought up to date, found among others.

use crate::support::fake_github::{FakeGitHub, ME, NUMBER, REPOSITORY};

use super::scene::Scene;

const MARKER: &str = "<!-- imgbudget:comment:v1 key=budgets.toml -->";

fn calls(github: &FakeGitHub) -> Vec<String> {
    let api = format!("/repos/{REPOSITORY}/issues");
    github.calls().into_iter().map(|call| call.replace(&api, "")).collect()
}

#[test]
fn made_once_left_alone_and_brought_up_to_date() {
    let scene = Scene::over();
    let screen = scene.check("--comment auto").run();
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    assert!(
        screen
            .stderr
            .contains(&format!("comment: created https://github.com/{REPOSITORY}/pull/{NUMBER}#issuecomment-1")),
        "{}",
        screen.stderr
    );
    assert_eq!(calls(&scene.github), ["POST /graphql", "GET /5/comments?per_page=100&page=1", "POST /5/comments"]);
    let first = scene.github.ours();
    assert!(first[0].starts_with(&format!("{MARKER}\n<!-- sha256=")), "{first:?}");
    assert!(first[0].contains("https://github.com/acme/shop/actions/runs/77"), "{first:?}");

    let screen = scene.check("--comment auto").env("GITHUB_RUN_ID", "78").run();
    assert!(screen.stderr.contains("says the same already"), "{}", screen.stderr);
    assert_eq!(calls(&scene.github), ["POST /graphql", "GET /5/comments?per_page=100&page=1"]);
    assert_eq!(scene.github.ours(), first);

    scene.image(500);
    let screen = scene.check("--comment auto").run();
    assert_eq!(screen.code, Some(0));
    assert!(screen.stderr.contains("comment: updated"), "{}", screen.stderr);
    assert_eq!(calls(&scene.github), ["POST /graphql", "GET /5/comments?per_page=100&page=1", "PATCH /comments/1"]);
    let updated = scene.github.ours();
    assert_eq!(updated.len(), 1);
    assert_ne!(updated, first);
}

#[test]
fn what_somebody_edited_is_put_right() {
    let scene = Scene::over();
    scene.check("--comment auto").run();
    let first = scene.github.ours();
    let edited = first[0].replace("❌", "✅");
    assert_ne!(edited, first[0]);
    scene.github.state().comments[0].body = edited;
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("comment: updated"), "{}", screen.stderr);
    assert_eq!(scene.github.ours(), first);
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("says the same already"), "{}", screen.stderr);
}

#[test]
fn nothing_to_say_says_nothing() {
    let scene = Scene::within();
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("comment: none, nothing calls for one"), "{}", screen.stderr);
    assert!(scene.github.ours().is_empty());
    assert_eq!(calls(&scene.github).len(), 2);

    scene.check("--comment never").run();
    assert!(calls(&scene.github).is_empty(), "never asks nobody");
    scene.check("").run();
    assert!(calls(&scene.github).is_empty(), "a comment is asked for, not guessed");
    scene.check("--comment always").run();
    assert_eq!(scene.github.ours().len(), 1);
}

#[test]
fn strangers_deleted_accounts_and_people_of_the_same_name_are_not_us() {
    let scene = Scene::over();
    let forged = format!("{MARKER}\n<!-- sha256=0 -->\nAll is well.");
    scene.github.say(Some(("mallory", "User")), &forged);
    scene.github.say(None, &forged);
    scene.github.say(Some(("github-actions", "User")), &forged);
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("comment: created"), "{}", screen.stderr);
    let state = scene.github.state();
    assert_eq!(state.comments.len(), 4);
    assert!(state.comments[..3].iter().all(|comment| comment.body == forged));
}

#[test]
fn duplicates_go_and_other_comments_of_ours_stay() {
    let scene = Scene::over();
    let other = "<!-- imgbudget:comment:v1 key=services-api-budgets.toml -->\nanother budget file";
    scene.github.say(Some(ME), other);
    let oldest = scene.github.say(Some(ME), &format!("{MARKER}\nold"));
    scene.github.say(Some(ME), &format!("{MARKER}\nolder"));
    scene.github.say(Some(ME), "an action of the same account");
    scene.check("--comment auto").run();
    let state = scene.github.state();
    let left: Vec<_> = state.comments.iter().map(|comment| comment.id).collect();
    assert_eq!(left, [1, oldest, 4]);
    assert!(state.comments[0].body == other && state.comments[1].body.contains("❌ `api` is "));
}

#[test]
fn each_budget_file_has_its_own_comment() {
    let scene = Scene::over();
    std::fs::create_dir(scene.path("api")).unwrap();
    for file in ["budgets.toml", "Dockerfile"] {
        std::fs::copy(scene.path(file), scene.path("api").join(file)).unwrap();
    }
    scene.check("--comment auto").run();
    scene.check("--comment auto --config api/budgets.toml").run();
    scene.step("check --archive api=../api.tar --comment auto").dir(scene.path("api")).run();
    scene.check("--comment auto --comment-key mine").run();
    let keys: Vec<String> = scene.github.ours().iter().map(|body| body.lines().next().unwrap().to_owned()).collect();
    assert_eq!(keys.len(), 3, "the same file from two folders is one comment: {keys:?}");
    assert_eq!(keys[0], MARKER);
    assert!(keys[1].contains("-api-budgets.toml -->"), "{keys:?}");
    assert_eq!(keys[2], MARKER.replace("budgets.toml", "mine"));

    let screen = scene.check("--comment auto --comment-key a/b").run();
    assert_eq!(screen.code, Some(2));
    assert!(screen.stderr.contains("--comment-key cannot be used"), "{}", screen.stderr);
}

#[test]
fn a_long_conversation_is_searched_from_both_ends_and_not_for_ever() {
    let scene = Scene::over();
    scene.github.chatter(29_999);
    let screen = scene.check("--comment auto").run();
    assert_eq!(screen.code, Some(1));
    assert!(screen.stderr.contains("the conversation is too long"), "{}", screen.stderr);
    assert_eq!(calls(&scene.github).len(), 41, "one for our name, twenty pages from either end");
    assert!(scene.github.ours().is_empty());

    scene.github.say(Some(ME), &format!("{MARKER}\nold"));
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("comment: updated"), "{}", screen.stderr);
    assert_eq!(calls(&scene.github).len(), 23);
}

#[test]
fn two_runs_that_race_leave_one_comment_in_the_end() {
    let scene = Scene::over();
    scene.github.state().rendezvous = 2;
    std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| scene.check("--comment auto").run().code));
        for run in runs {
            assert_eq!(run.join().unwrap(), Some(1));
        }
    });
    assert_eq!(scene.github.ours().len(), 2, "nobody can compare and swap comments");
    scene.github.state().rendezvous = 0;
    scene.check("--comment auto").run();
    assert_eq!(scene.github.ours().len(), 1, "the next run puts it in order");
}

#[test]
fn thousands_of_findings_fit() {
    let scene = Scene::over();
    let targets: String = (0..400).fold(String::new(), |text, number| {
        format!("{text}[targets.t{number}]\ncontext = \".\"\nmax-size = \"1 kB\"\nforbid-paths = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\"]\n")
    });
    std::fs::write(scene.path("budgets.toml"), targets).unwrap();
    let layer = "abcdefgh"
        .chars()
        .fold(crate::support::images::Layer::new(), |layer, name| layer.zeros(&name.to_string(), 0o644, 500));
    let image = crate::support::images::Image::new().layer(layer);
    std::fs::write(scene.path("api.tar"), crate::support::images::docker_archive(&[image])).unwrap();
    let archives: String = (0..400).fold(String::new(), |text, number| format!("{text} --archive t{number}=api.tar"));
    let screen = scene.step(&format!("check{archives} --comment auto --summary -q")).run();
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    let body = scene.github.ours().remove(0);
    assert!((10_000..=65_000).contains(&body.chars().count()), "{}", body.chars().count());
    let summary = std::fs::metadata(scene.path("summary.md")).unwrap().len();
    assert!((10_000..=1 << 20).contains(&summary), "{summary}");
}
