#!/bin/sh
# The main job for real: builds the two targets of examples/ through Docker, measures them, and judges them.
#
# Ends with 0 when the verdict is the expected one: one target is fine, the other is over its budget.
set -eu
cd "$(dirname "$0")/.."

command -v cargo >/dev/null 2>&1 || {
    echo "cargo is missing. Install Rust with https://rustup.rs and try again." >&2
    exit 1
}
scripts/ensure-docker.sh
scripts/debian-image.sh imgbudget-example/toolchain:1 gcc libc6-dev make

code=0
cargo run --locked --quiet -- check --config examples/budgets.toml "$@" || code=$?
echo >&2
if [ "$code" != 1 ]; then
    echo "imgbudget ended with $code, and this example should end with 1." >&2
    exit 1
fi
cat >&2 <<'END'
That is the point: 'api' ships one program and passes; 'api-fat' ships the stage that compiled it, and fails.
imgbudget ended with exit code 1, which stops a pipeline. Look at examples/budgets.toml and examples/api/Dockerfile.
END
