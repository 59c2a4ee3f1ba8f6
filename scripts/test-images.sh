#!/bin/sh
# Makes the images that live tests start from. Each is made once; Docker keeps it.
set -eu
cd "$(dirname "$0")/.."

tag=imgbudget-test/toolchain:1
scripts/debian-image.sh imgbudget-example/toolchain:1 gcc libc6-dev make
docker image inspect "$tag" >/dev/null 2>&1 && exit 0

echo "making $tag, a real toolchain of more than 500 MB (about two minutes, once)" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! docker build --network=host --label imgbudget.fixture=1 -t "$tag" tests/images/toolchain >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    exit 1
fi
