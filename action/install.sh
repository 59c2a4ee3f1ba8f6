#!/usr/bin/env bash
# Finds or installs imgbudget for the action, and writes its path to the step output `binary`.
#
# In this order: the input `binary`; the release for this runner, checked against checksums.txt beside this script; a build from
# the source that the action came with, where the table does not know its version yet. Nothing is cached, since a cache can be
# written by other jobs. IMGBUDGET_DOWNLOAD_BASE names a mirror of the releases, laid out as GitHub's. Runs on bash 3.2.
set -euo pipefail
CDPATH=
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")

# No child sees the token but `gh`, which is given it by name.
token=${IMGBUDGET_GITHUB_TOKEN-}
unset IMGBUDGET_GITHUB_TOKEN

notice() { printf '::notice title=imgbudget::%s\n' "$1"; }
refuse() {
    printf '::error title=imgbudget::%s\n' "$1"
    exit 2
}
found() {
    # A line break would end the output and begin another.
    case $1 in *[[:cntrl:]]*) refuse "the path of imgbudget has a control character" ;; esac
    [[ -f $1 && -x $1 ]] || refuse "there is no program at the path of imgbudget"
    printf 'binary=%s\n' "$1" >>"$GITHUB_OUTPUT"
    exit 0
}
manifest() { sed -n "s/^$1 = \"\\(.*\\)\"\$/\\1/p" "$source/Cargo.toml" | head -n 1; }

if [[ -n ${INPUT_BINARY-} ]]; then
    path=$INPUT_BINARY
    if [[ $path != /* ]]; then
        folder=${INPUT_WORKING_DIRECTORY:-.}
        [[ $folder == /* ]] || folder=$PWD/$folder
        path=$folder/$path
    fi
    found "$path"
fi

own=$(manifest version)
version=${INPUT_VERSION:-$own}
version=${version#v}
number='[0-9]{1,9}'
[[ $version =~ ^$number\.$number\.$number(-[0-9A-Za-z.]{1,40})?$ ]] || refuse "the input version is a version such as 1.2.3"

case ${RUNNER_OS:-$(uname -s)} in
Linux) system=unknown-linux-musl ;;
macOS | Darwin) system=apple-darwin ;;
*) refuse "imgbudget runs on Linux and macOS runners" ;;
esac
case ${RUNNER_ARCH:-$(uname -m)} in
X64 | x86_64) machine=x86_64 ;;
ARM64 | arm64 | aarch64) machine=aarch64 ;;
*) machine=unknown ;;
esac
asset=imgbudget-$version-$machine-$system.tar.gz
expected=$(awk -v asset="$asset" '$2 == asset { print $1 }' "$here/checksums.txt")

folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/imgbudget.XXXXXX")

if [[ -z $expected ]]; then
    [[ $version == "$own" ]] || refuse "this action knows no checksum of imgbudget $version for this runner"
    command -v cargo >/dev/null ||
        refuse "there is no release of imgbudget $version for this runner, and no cargo to build it; use the input binary"
    notice "imgbudget $version has no release for this runner: it is built from source, which takes minutes"
    # Absolute, so that no .cargo/config.toml of the repository under test decides how it is built.
    cd "$source"
    cargo install --locked --quiet --path "$source" --root "$folder" --target-dir "$folder/target" --bin imgbudget ||
        refuse "imgbudget could not be built from source"
    rm -rf "$folder/target"
    found "$folder/bin/imgbudget"
fi

repository=$(manifest repository)
releases=$repository/releases/download
base=${IMGBUDGET_DOWNLOAD_BASE:-$releases}
schemes='=https'
# A mirror may be plain http: the checksum is what is trusted.
[[ $base == "$releases" ]] || schemes='=https,http'
curl --fail --silent --show-error --location --proto "$schemes" --retry 3 --connect-timeout 30 --max-time 300 \
    --output "$folder/$asset" -- "${base%/}/v$version/$asset" || refuse "imgbudget $version could not be downloaded"

if command -v sha256sum >/dev/null; then
    actual=$(sha256sum "$folder/$asset")
else
    actual=$(shasum -a 256 "$folder/$asset")
fi
[[ ${actual%% *} == "$expected" ]] ||
    refuse "the download of imgbudget $version is not what checksums.txt says it is: it was not run"

# Beyond the checksum: who built it. Only where GitHub itself can be asked.
if [[ $base == "$releases" && ${GITHUB_SERVER_URL:-https://github.com} == https://github.com && -n $token ]] &&
    command -v gh >/dev/null && gh attestation verify --help >/dev/null 2>&1; then
    GH_TOKEN=$token gh attestation verify "$folder/$asset" --repo "${repository#https://github.com/}" >/dev/null ||
        refuse "the download of imgbudget $version has no valid attestation: it was not run"
fi

tar -xzf "$folder/$asset" -C "$folder" imgbudget || refuse "the download of imgbudget $version holds no program"
found "$folder/imgbudget"
