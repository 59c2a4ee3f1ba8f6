#!/usr/bin/env bash
# Draws a comment as a browser shows it: render.sh FILE.md FILE.png [light|dark] [WIDTH] [HEIGHT], sizes in CSS pixels.
# Needs cmark-gfm, chromium, pngquant, fonts-liberation and fonts-noto-color-emoji.
# comment.md beside this script is kept by a test; any file that `--write markdown=FILE.md` wrote will do.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
markdown=$1 picture=$2 theme=${3:-light} width=${4:-800} height=${5:-900}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{
    echo "<!doctype html><html class='$theme'><meta charset='utf-8'><title>comment</title><style>"
    cat "$here/comment.css"
    echo "</style><div class='comment'><div class='by'><b>github-actions</b><span>bot</span> commented</div><div class='body'>"
    # GitHub keeps <details>, <sub> and <br> and drops what `tagfilter` names, so this is as near as a shell gets.
    cmark-gfm --unsafe -e table -e autolink -e strikethrough -e tagfilter "$markdown"
    echo "</div></div></html>"
} >"$folder/page.html"
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$folder/profile" \
    --force-device-scale-factor=2 --window-size="$width,$height" --screenshot="$picture" "file://$folder/page.html" 2>/dev/null
pngquant --force --skip-if-larger --output "$picture" 64 "$picture" || true
