#!/usr/bin/env bash
# Writes four repositories as they are before anybody thinks of a budget: a Node service, a Python one, a Go one on scratch, and a
# monorepo of twenty services.
#
#   examples/journey/repositories.sh FOLDER
set -euo pipefail
folder=$1
mkdir -p "$folder"

node() {
    local at=$1 dependencies=$2 user=${3-USER node}
    mkdir -p "$at/src"
    {
        printf '{\n  "name": "%s",\n  "dependencies": {\n' "$(basename "$at")"
        for name in $dependencies; do printf '    "%s": "*",\n' "$name"; done
        printf '  },\n  "devDependencies": {\n    "typescript": "*",\n    "jest": "*"\n  }\n}\n'
    } >"$at/package.json"
    printf 'listen(8080)\n' >"$at/src/server.js"
    printf 'node_modules\n' >"$at/.dockerignore"
    cat >"$at/Dockerfile" <<END
FROM imgbudget-journey/node:20-slim AS build
WORKDIR /app
COPY package.json ./
RUN --mount=from=imgbudget-journey/packages,target=/packages npm ci
COPY src ./src

FROM imgbudget-journey/node:20-slim AS production
WORKDIR /app
COPY package.json ./
RUN --mount=from=imgbudget-journey/packages,target=/packages npm ci --omit=dev
COPY --from=build /app/src ./src
$user
CMD ["node", "src/server.js"]
END
    sed -i "/^$/{N;/\nCMD/s/^\n//}" "$at/Dockerfile"
}

python() {
    local at=$1 requirements=$2
    mkdir -p "$at/src"
    for name in $requirements; do echo "$name"; done >"$at/requirements.txt"
    printf 'serve()\n' >"$at/src/app.py"
    cat >"$at/Dockerfile" <<'END'
FROM imgbudget-journey/python:3.12-slim AS production
WORKDIR /app
COPY requirements.txt ./
RUN --mount=from=imgbudget-journey/packages,target=/packages pip install --no-cache-dir -r requirements.txt
COPY src ./src
USER app
CMD ["python3", "src/app.py"]
END
}

go() {
    local at=$1
    mkdir -p "$at"
    printf 'package main\n' >"$at/main.go"
    cat >"$at/Dockerfile" <<END
FROM imgbudget-journey/golang:1.22 AS build
COPY main.go ./
RUN build $(basename "$at")

FROM scratch AS production
COPY --from=build /out/$(basename "$at") /
USER 65532:65532
CMD ["/$(basename "$at")"]
END
}

repository() {
    git -C "$1" init -q -b main
    git -C "$1" config user.name "A Developer"
    git -C "$1" config user.email developer@example.com
    git -C "$1" add -A
    git -C "$1" commit -qm "Start"
}

node "$folder/shop-api" "express pg" ""
python "$folder/ledger" "flask requests"
go "$folder/edge"
mkdir -p "$folder/shop-api/.github/workflows" "$folder/edge/.github/workflows"
printf 'name: test\non: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: "true"}]}}\n' |
    tee "$folder/shop-api/.github/workflows/test.yml" >"$folder/edge/.github/workflows/test.yml"
printf 'test:\n  script: ["true"]\n' >"$folder/ledger/.gitlab-ci.yml"

services="$folder/fleet/services"
for name in orders cart catalog search accounts mail media web; do node "$services/$name" "express pg"; done
for name in admin notify; do node "$services/$name" "express kafkajs" ""; done
for name in billing ledger reports; do python "$services/$name" "flask requests"; done
for name in forecast fraud export; do python "$services/$name" "flask numpy"; done
for name in edge proxy auth metrics; do go "$services/$name"; done
mkdir -p "$folder/fleet/.github/workflows"
cp "$folder/edge/.github/workflows/test.yml" "$folder/fleet/.github/workflows/"

for name in shop-api ledger edge fleet; do repository "$folder/$name"; done
