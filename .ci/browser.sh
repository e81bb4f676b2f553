#!/usr/bin/env bash
# Installs Debian's Chromium and an emoji font where they are missing: what tests/browser drives, and pages are drawn with.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

missing=()
command -v chromium >/dev/null || missing+=(chromium)
fc-list 2>/dev/null | grep -qi 'color *emoji' || missing+=(fontconfig fonts-noto-color-emoji)
test "${#missing[@]}" -gt 0 || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "The browser tests need ${missing[*]}: install them as root (apt-get install ${missing[*]}) and run this again." >&2
    exit 1
  }
  as_root=(sudo -n)
fi
{
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
} >&2 || {
  echo "${missing[*]} could not be installed, which the browser tests need: see what apt-get said above." >&2
  exit 1
}
