#!/bin/sh
# Makes sure that the programs are there which tests talk to: a static busybox for test images, cmark-gfm as the judge of Markdown,
# npm for the contract tests, a registry, what the tests of GitLab jobs need, what writes layers, and a browser.
set -eu

missing=
[ -x /bin/busybox ] || missing="$missing busybox-static"
command -v cmark-gfm >/dev/null 2>&1 || missing="$missing cmark-gfm"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium" # shows the page, headless
command -v npm >/dev/null 2>&1 || missing="$missing npm"
command -v rsync >/dev/null 2>&1 || missing="$missing rsync"     # gitlab-ci-local copies with it
command -v openssl >/dev/null 2>&1 || missing="$missing openssl" # a certificate authority for one test
command -v docker-registry >/dev/null 2>&1 || missing="$missing docker-registry" # a real one for the client of registries
command -v bsdtar >/dev/null 2>&1 || missing="$missing libarchive-tools"
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
command -v pigz >/dev/null 2>&1 || missing="$missing pigz"
command -v zstd >/dev/null 2>&1 || missing="$missing zstd"
command -v rpmbuild >/dev/null 2>&1 || missing="$missing rpm" # packages of its own, and what it says of them
command -v go >/dev/null 2>&1 || missing="$missing golang-go" # archive/tar and encoding/json, which engines read and write with
command -v gem >/dev/null 2>&1 || missing="$missing ruby" # gem, npm, pip, go and strip say what the packages of a tree are
command -v strip >/dev/null 2>&1 || missing="$missing binutils"
command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "test-tools: please install these Debian packages, or what your system calls them:$missing" >&2
    exit 1
fi
echo "test-tools: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing >/dev/null
