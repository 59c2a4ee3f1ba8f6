#!/usr/bin/env bash
# Checks the GitHub Action, its scripts, the workflows and the examples. The tools come from PyPI and npm, once, into target/; the checks
# themselves reach no network.
#
# actionlint is not among them, since it is released on GitHub alone. Schemas, GitHub's own language service, shellcheck and
# zizmor stand for what it would say.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! python3 -c 'import ensurepip' 2>/dev/null; then
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        echo "Python with venv is missing. Install python3-venv and try again." >&2
        exit 1
    fi
    echo "installing python3-venv" >&2
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
fi

tools=$PWD/target/lint-actions
mkdir -p "$tools"
export PATH="$tools/python/bin:$PATH"
# A change of versions makes a new folder of tools.
wanted=$(cat scripts/lint-actions/package-lock.json scripts/lint-actions/requirements.txt)
if [[ ! -f $tools/installed || $(<"$tools/installed") != "$wanted" ]]; then
    rm -rf "${tools:?}"/*
    python3 -m venv "$tools/python"
    pip install --quiet --disable-pip-version-check --only-binary=:all: --requirement scripts/lint-actions/requirements.txt
    cp scripts/lint-actions/package.json scripts/lint-actions/package-lock.json "$tools"
    npm ci --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
    printf '%s\n' "$wanted" >"$tools/installed"
fi

actions=(action.yml report/action.yml)
workflows=(.github/workflows/*.yml examples/github/*.yml)

shellcheck action/*.sh scripts/*.sh .ci/run
check-jsonschema --quiet --builtin-schema vendor.github-actions "${actions[@]}"
check-jsonschema --quiet --builtin-schema vendor.github-workflows "${workflows[@]}"
zizmor --offline --quiet --no-progress --config .github/zizmor.yml "${actions[@]}" "${workflows[@]}"
# Node looks for packages beside the script.
cp scripts/lint-actions/*.mjs "$tools"
node "$tools/expressions.mjs" "$PWD" "${actions[@]}" "${workflows[@]}"
echo "The action, ${#workflows[@]} workflows and the scripts are in order."
