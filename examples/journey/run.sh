#!/usr/bin/env bash
# The first day with imgbudget, and six pull requests after it: what people see, step by step.
#
#   examples/journey/run.sh IMGBUDGET OUT
#
# IMGBUDGET is the program, OUT a folder that is made anew. Each step leaves what the terminal showed (terminal.txt, with colours),
# the comment (comment.md), the report, and the exit code there. Nothing is downloaded; images are built through Docker.
set -euo pipefail

imgbudget=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$2"
mkdir -p "$2"
out=$(realpath "$2")
work="$out/repositories"
export IMGBUDGET_LAYER_CACHE="$out/layer-cache" TERM=xterm-256color COLUMNS=80
unset GITHUB_ACTIONS CI 2>/dev/null || true

"$here/bases.sh"
"$here/repositories.sh" "$work"

# Runs imgbudget in a folder and keeps what it said.
step() {
    local name=$1 at=$2 code=0
    shift 2
    mkdir -p "$out/$name"
    (cd "$at" && "$imgbudget" --color always "$@") >"$out/$name/terminal.txt" 2>"$out/$name/stderr.txt" || code=$?
    echo "$code" >"$out/$name/exit"
    printf '%-28s exit %s   imgbudget %s\n' "$name" "$code" "${*//$out\//}"
}

# What a job of the pull request runs, on the merge that GitHub checks out.
pull() {
    local name=$1 branch=$2 at="$work/fleet" base merge code=0
    mkdir -p "$out/$name"
    base=$(git -C "$at" rev-parse main)
    git -C "$at" checkout -q --detach main
    git -C "$at" merge -q --no-ff -m "Merge $branch into main" "$branch"
    merge=$(git -C "$at" rev-parse HEAD)
    cat >"$out/$name/event.json" <<END
{"pull_request": {"number": 7,
  "head": {"sha": "$(git -C "$at" rev-parse "$branch")", "ref": "$branch", "repo": {"full_name": "acme/fleet"}},
  "base": {"sha": "$base", "ref": "main", "repo": {"full_name": "acme/fleet"}}}}
END
    (cd "$at" && env CI=true GITHUB_ACTIONS=true GITHUB_REPOSITORY=acme/fleet GITHUB_EVENT_NAME=pull_request \
        GITHUB_EVENT_PATH="$out/$name/event.json" GITHUB_SHA="$merge" GITHUB_REF=refs/pull/7/merge GITHUB_BASE_REF=main \
        "$imgbudget" --color always check --baseline "$out/main.json" \
        --write markdown="$out/$name/comment.md" --write json="$out/$name/report.json") \
        >"$out/$name/terminal.txt" 2>"$out/$name/stderr.txt" || code=$?
    echo "$code" >"$out/$name/exit"
    printf '%-28s exit %s   a pull request: %s\n' "$name" "$code" "$branch"
    git -C "$at" checkout -q main
}

branch() { git -C "$work/fleet" checkout -q -b "$1" main; }
commit() { git -C "$work/fleet" add -A && git -C "$work/fleet" commit -qm "$1"; }

# --- From nothing to green
for repository in shop-api ledger edge fleet; do
    step "01-$repository-init" "$work/$repository" init
    cp "$work/$repository/budgets.toml" "$out/01-$repository-init/"
    step "02-$repository-check" "$work/$repository" check --write json="$out/02-$repository.json" --write markdown="$out/02-$repository.md"
    git -C "$work/$repository" add -A
    git -C "$work/$repository" commit -qm "Keep the images within a budget"
done

# --- The monorepo goes on: growth is limited from now on
cd "$work/fleet"
sed -i '0,/^\[defaults\].*/s//&\nmax-growth = "5 MB"/' budgets.toml
commit "Let no image grow by more than 5 MB unseen"
step 03-fleet-main "$work/fleet" check --write json="$out/main.json"

branch compiler
sed -i 's|^COPY --from=build /app/src ./src|COPY --from=imgbudget-journey/golang:1.22 /usr/bin /usr/bin\n&|' services/orders/Dockerfile
commit "Compile native modules of orders"
pull 04-worse-by-a-compiler compiler

branch cache
sed -i 's| --no-cache-dir||' services/fraud/Dockerfile
commit "Install as the others do"
pull 05-worse-by-a-cache cache

branch development
sed -i 's| --omit=dev||' services/cart/Dockerfile
commit "Use what the tests use"
pull 06-development-dependencies development

branch accepted
sed -i 's|"pg": "\*",|&\n    "sharp": "*",|' services/media/package.json
commit "Scale pictures in media"
pull 07-growth-not-accepted accepted
git checkout -q accepted
step 08-allow "$work/fleet" allow media growth --up-to "20 MB" --reason "sharp scales the pictures"
commit "Accept what sharp weighs"
pull 09-accepted-growth accepted

branch raised
sed -i '/^\[targets.search\]/,/^\[/s/^max-size = .*/max-size = "400 MB"/' budgets.toml
commit "Give search more room"
pull 10-raised-budget raised

# --- The base image moves, under a change that has nothing to do with it
"$here/bases.sh" 28
branch unrelated
printf 'listen(9090)\n' >services/web/src/server.js
commit "Listen elsewhere"
pull 11-base-moved unrelated

# --- Somebody's package grew in the meantime, under the same change
branch drift
printf '# a comment\n' >>services/auth/main.go
commit "Explain auth"
"$here/bases.sh"
docker build -q -t imgbudget-journey/packages - >/dev/null 2>&1 <<'END'
FROM imgbudget-journey/packages AS old
FROM imgbudget-journey/golang:1.22 AS grow
COPY --from=old / /packages
RUN cat /packages/typescript/index /packages/pandas/index >> /packages/kafkajs/index
FROM scratch
COPY --from=grow /packages /
END
pull 12-drift-of-others drift
"$here/bases.sh"

# --- What each step should have ended with
expected="04-worse-by-a-compiler:1 05-worse-by-a-cache:1 06-development-dependencies:1 07-growth-not-accepted:1"
for step in "$out"/*/; do
    name=$(basename "$step")
    [ -f "$step/exit" ] || continue
    wanted=0
    case " $expected " in *" $name:1 "*) wanted=1 ;; esac
    if [ "$(cat "$step/exit")" != "$wanted" ]; then
        echo "$name ended with $(cat "$step/exit"), and should end with $wanted" >&2
        exit 1
    fi
done
