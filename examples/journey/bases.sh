#!/usr/bin/env bash
# Makes the images that the journey's services stand on, from nothing but BusyBox: a Node, a Python and a Go base that have what the
# real ones have, under the same paths and about as large, and an image of packages that their installers copy from.
#
#   examples/journey/bases.sh [MEGABYTES]     more bytes in the Node base, to let it move
set -euo pipefail

more=${1:-0}
busybox=$(command -v busybox) || { echo "busybox is missing: apt-get install busybox-static" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# A file of about this many hundreds of kilobytes that compresses as programs do.
file() {
    local path=$1 size=$2
    mkdir -p "$(dirname "$path")"
    { seq -f "${path#"$folder"} %.0f" 1 400 | gzip -c; yes "${path#"$folder"}" | tr '\n' '\0'; } 2>/dev/null | head -c "${size}00000" >"$path" || true
    chmod 755 "$path"
}

# What every distribution has.
rootfs() {
    local root=$1
    mkdir -p "$root"/{bin,etc,tmp,root,app,usr/bin,usr/local/bin,var/lib/apt/lists}
    cp "$busybox" "$root/bin/busybox"
    for applet in sh cp mkdir rm cat chown chmod sed; do ln -s busybox "$root/bin/$applet"; done
    printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/app:/bin/sh\napp:x:1000:1000::/app:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
    file "$root/usr/lib/x86_64-linux-gnu/libc.so.6" 19
    file "$root/usr/lib/x86_64-linux-gnu/libicudata.so.72" 313
    file "$root/usr/lib/x86_64-linux-gnu/libcrypto.so.3" 47
}

image() {
    local name=$1
    shift
    tar -C "$folder/$name" --sort=name --mtime=@1700000000 --owner=0 --group=0 --numeric-owner -c . |
        docker import -c 'ENV PATH=/usr/local/bin:/usr/bin:/bin' "$@" - "imgbudget-journey/$name" >/dev/null
}

# --- Node: node itself, npm with its links, and what apt leaves behind
root="$folder/node:20-slim"
rootfs "$root"
file "$root/usr/local/bin/node" 460
file "$root/usr/local/lib/node_modules/npm/lib/cli.js" 98
file "$root/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages" 90
[ "$more" = 0 ] || file "$root/usr/lib/x86_64-linux-gnu/libLLVM-16.so.1" "${more}0"
mkdir -p "$root/usr/local/lib/node_modules/npm/bin"
cat >"$root/usr/local/lib/node_modules/npm/bin/npm-cli.js" <<'END'
#!/bin/sh
# Copies what package.json names from /packages, one name a line.
set -e
[ "$1" = ci ] || exit 0
mkdir -p node_modules
section=
while read -r key rest; do
    case $key in
    '"dependencies":') section=run ;;
    '"devDependencies":') section=dev ;;
    '}' | '},') section= ;;
    *)
        [ -n "$section" ] || continue
        [ "$section" = dev ] && [ "$2" = --omit=dev ] && continue
        name=${key#\"}
        cp -r "/packages/${name%%\"*}" node_modules/
        ;;
    esac
done <package.json
END
chmod 755 "$root/usr/local/lib/node_modules/npm/bin/npm-cli.js"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npx"
image node:20-slim

# --- Python: the interpreter and pip, which keeps what it downloads unless it is told not to
root="$folder/python:3.12-slim"
rootfs "$root"
file "$root/usr/local/bin/python3.12" 62
file "$root/usr/local/lib/python3.12/os.py" 310
file "$root/usr/local/lib/python3.12/site-packages/pip/__main__.py" 77
ln -s python3.12 "$root/usr/local/bin/python3"
cat >"$root/usr/local/bin/pip" <<'END'
#!/bin/sh
# Copies what requirements.txt names from /packages.
set -e
while read -r name; do
    cp -r "/packages/$name" /usr/local/lib/python3.12/site-packages/
    case "$*" in
    *--no-cache-dir*) ;;
    *) mkdir -p /root/.cache/pip/http && cp -r "/packages/$name" /root/.cache/pip/http/ ;;
    esac
done <requirements.txt
END
chmod 755 "$root/usr/local/bin/pip"
ln -s pip "$root/usr/local/bin/pip3"
image python:3.12-slim

# --- Go: a toolchain with the compilers that cgo calls
root="$folder/golang:1.22"
rootfs "$root"
file "$root/usr/local/go/bin/go" 130
file "$root/usr/bin/x86_64-linux-gnu-gcc-12" 11
file "$root/usr/bin/x86_64-linux-gnu-g++-12" 11
file "$root/usr/lib/gcc/x86_64-linux-gnu/12/cc1" 330
file "$root/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus" 351
file "$root/usr/bin/make" 2
file "$root/usr/bin/cmake" 110
ln -s x86_64-linux-gnu-gcc-12 "$root/usr/bin/gcc"
ln -s x86_64-linux-gnu-g++-12 "$root/usr/bin/g++"
cat >"$root/usr/local/bin/build" <<'END'
#!/bin/sh
mkdir -p /out && cp /usr/local/go/bin/go "/out/$1"
END
chmod 755 "$root/usr/local/bin/build"
image golang:1.22

# --- What npm and pip install
root="$folder/packages"
mkdir -p "$root"
while read -r name size; do file "$root/$name/index" "$size"; done <<'END'
express 21
pg 42
kafkajs 64
sharp 184
typescript 230
jest 120
eslint 95
flask 18
numpy 612
pandas 430
requests 7
END
image packages
