#!/bin/sh
# Makes a small Debian image with some packages in it, unless the engine has it already.
#
#   scripts/debian-image.sh TAG PACKAGE...
#
# Starts from debian:bookworm-slim where a registry is in reach, and else makes the same from Debian's archive with debootstrap.
# DEBIAN_MIRROR names another archive.
set -eu

[ $# -ge 2 ] || { sed -n '4p' "$0" >&2; exit 2; }
tag=$1
shift
suite=bookworm
label="imgbudget.fixture=1"

# macOS has no timeout.
bounded() { if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift && "$@"; fi; }
say() { printf '%s\n' "$*" >&2; }

docker image inspect "$tag" >/dev/null 2>&1 && exit 0
folder=$(mktemp -d /var/tmp/imgbudget-image.XXXXXX)
trap 'rm -rf --one-file-system "$folder"' EXIT
trap 'exit 130' INT TERM

if bounded 20 docker pull -q "debian:$suite-slim" >/dev/null 2>&1; then
    say "making $tag from debian:$suite-slim"
    if docker build --network=host --label "$label" -t "$tag" - >"$folder/log" 2>&1 <<END
FROM debian:$suite-slim
RUN apt-get update && apt-get install -y --no-install-recommends $* && rm -rf /var/lib/apt/lists/*
END
    then exit 0; fi
fi

say "making $tag from Debian's archive (about a minute, once)"
if [ "$(id -u)" != 0 ]; then
    say "no registry is in reach, and only root can make a base image with debootstrap"
    exit 1
fi
if ! command -v debootstrap >/dev/null 2>&1; then
    say "installing debootstrap"
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
fi
root=$folder/root
packages=$(printf '%s,' "$@")
if ! debootstrap --variant=minbase --include="${packages%,}" "$suite" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$folder/log" 2>&1; then
    say "debootstrap failed; the end of its log:"
    tail -n 15 "$folder/log" >&2
    exit 1
fi
tar -C "$root" --one-file-system --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./dev/*' -c . |
    docker import --change "LABEL $label" --change 'CMD ["/bin/sh"]' - "$tag" >/dev/null
