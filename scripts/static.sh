#!/usr/bin/env bash
# Builds the static Linux binary of this machine's architecture, and proves in an empty root that it needs nothing beside itself.
# Then builds imgbudget's own FROM scratch image with it and holds that against container/budgets.toml.
#
# Releases are linked against musl. Where the musl target is not installed the static binary is made with glibc: then names are
# resolved by glibc's built-in `files` and `dns` only (glibc 2.34 or newer), and other sources in nsswitch.conf are not asked.
set -euo pipefail
cd "$(dirname "$0")/.."

arch=$(uname -m)
target=$arch-unknown-linux-musl
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ] || ! command -v musl-gcc >/dev/null; then
    target=$arch-unknown-linux-gnu
fi
variable=CARGO_TARGET_$(tr a-z- A-Z_ <<<"$target")_RUSTFLAGS
# Named with --target, so that procedural macros, which are libraries, are built without it.
export "$variable=-C target-feature=+crt-static"
echo "static: building for $target"
cargo build --locked --profile dist --target "$target" --bin imgbudget
binary=target/$target/dist/imgbudget

if readelf --program-headers "$binary" | grep -q INTERP; then
    echo "static: $binary asks for a loader" >&2
    exit 1
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$binary" "$root/imgbudget"
empty() { if [ "$(id -u)" = 0 ]; then chroot "$root" "$@"; else unshare --map-root-user chroot "$root" "$@"; fi; }
must_say() {
    if ! grep -qF -- "$1" "$root/said"; then
        echo "static: this should say '$1':" >&2
        cat "$root/said" >&2
        exit 1
    fi
}
empty /imgbudget --version
empty /imgbudget tools @shells >/dev/null

# Names resolve: the connection is refused, not the name. /etc/hosts is what every container engine puts into every container.
mkdir "$root/etc"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
DOCKER_HOST=tcp://localhost:1 empty /imgbudget check --image none:1 --max-size 1MB >"$root/said" 2>&1 && exit 1
must_say refused

# The image of itself: built and judged by the binary that is in it.
context=target/container
platform=linux/$(case $arch in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) echo "$arch" ;; esac)
rm -rf "$context"
mkdir -p "$context/$platform"
cp "$binary" "$context/$platform/"
cp container/Dockerfile "$context/"
cp /etc/ssl/certs/ca-certificates.crt "$context/"
"$binary" check --config container/budgets.toml

# The same image once more, from an archive in the empty root.
docker build --quiet --tag imgbudget-static-test:1 --target minimal --build-arg "TARGETPLATFORM=$platform" "$context" >/dev/null
docker save imgbudget-static-test:1 >"$root/image.tar"
docker run --rm imgbudget-static-test:1 --version
docker image rm imgbudget-static-test:1 >/dev/null
empty /imgbudget check --archive minimal=/image.tar --max-size 40MB --forbid-tools @shells
echo "static: $binary, $(stat --format=%s "$binary") bytes, needs nothing"
