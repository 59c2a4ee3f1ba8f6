#!/usr/bin/env bash
# Tools of the tests for forges and of the page, from npm and pinned, into target/test-tools. Does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(@stoplight/prism-cli@5.16.0 gitlab-ci-local@4.63.0 playwright-core@1.52.0)
tools=target/test-tools
if [ "$(cat "$tools/npm.versions" 2>/dev/null || true)" != "${packages[*]}" ]; then
    mkdir -p "$tools"
    npm install --prefix "$tools" --no-save --no-audit --no-fund --loglevel=error "${packages[@]}"
    echo "${packages[*]}" >"$tools/npm.versions"
fi
