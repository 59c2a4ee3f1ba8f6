//! A GitLab of one's own, whose certificate was signed by nobody that the machine knows.

use imgbudget::forge::ForgeError;
use imgbudget::forge::sticky::{Outcome, Wish};

use super::{client, put_with};
use crate::support::certificates::certified;
use crate::support::fake_gitlab::{FakeGitLab, PROJECT, TOKEN};
use crate::support::npm::live;

#[test]
fn a_private_ca_is_trusted_when_the_runner_names_it_and_not_before() {
    if !live("a_private_ca_is_trusted_when_the_runner_names_it_and_not_before") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let gitlab = FakeGitLab::start_tls(certified(folder.path()));
    let with_ca = client(&gitlab.api(), PROJECT, TOKEN, Some(&folder.path().join("ca.pem"))).unwrap();
    assert!(matches!(put_with(&with_ca, "a", Wish::Create), Ok(Outcome::Created(_))));
    let without = client(&gitlab.api(), PROJECT, TOKEN, None).unwrap();
    let Err(ForgeError::Unreachable(why)) = put_with(&without, "a", Wish::Create) else { panic!("it was trusted") };
    assert!(why.to_lowercase().contains("certificate"), "{why}");
    assert_eq!(gitlab.notes().len(), 1);
}
