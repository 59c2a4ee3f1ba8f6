//! Version control: the directories in which it keeps what was.

/// For lists: what is found.
pub(super) const MEMBERS: &[&str] = &[".git", ".hg", ".svn", ".bzr", ".jj"];

/// Whether a directory of this name is a repository's. A `.git` that is a file, as submodules and worktrees have it, is none.
pub fn is_repository(name: &[u8]) -> bool {
    MEMBERS.iter().any(|member| member.as_bytes() == name)
}
