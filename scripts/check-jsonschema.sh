#!/usr/bin/env bash
# Checks files against a schema that comes with check-jsonschema (vendor.gitlab-ci, vendor.github-workflows, …):
# check-jsonschema.sh SCHEMA FILE…. The tool is pinned and goes into target/test-tools, from PyPI.
set -euo pipefail
version=0.39.0
tools=$(cd "$(dirname "$0")/.." && pwd)/target/test-tools/check-jsonschema-$version
if [ ! -e "$tools/installed" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "check-jsonschema==$version"
    touch "$tools/installed"
fi
schema=$1
shift
exec "$tools/bin/check-jsonschema" --builtin-schema "$schema" "$@"
