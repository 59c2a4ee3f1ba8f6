#!/usr/bin/env bash
# All tests, those that need a Docker daemon included. A live test that was skipped is a failure here.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/test-tools.sh
scripts/ensure-docker.sh
scripts/test-images.sh
scripts/install-test-tools.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Tests say why they were skipped on their own output, which cargo shows only when it is asked to.
IMGBUDGET_LIVE=1 cargo test --locked "$@" -- --show-output 2>&1 | tee "$log"
if grep -F 'skipped (' "$log" >"$log.skipped"; then
    echo
    echo "These tests were skipped, so nothing is proven about them:"
    sort -u "$log.skipped"
    rm -f "$log.skipped"
    exit 1
fi
rm -f "$log.skipped"
