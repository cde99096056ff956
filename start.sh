#!/bin/sh
# Starts Weir. The first run installs what is missing; later runs start at once and need no network.
set -eu
cd "$(dirname "$0")"

BUN_VERSION=1.4.5
TOOLS=.cache/tools

say() { printf '%s\n' "$@" >&2; }
stop() { say "$@"; exit 1; }
new_enough() { [ "$(printf '%s\n%s\n' "$BUN_VERSION" "$1" | sort -V | head -n 1)" = "$BUN_VERSION" ]; }

install_ffmpeg() {
  command -v apt-get >/dev/null 2>&1 ||
    stop 'FFmpeg is missing. Install FFmpeg 5.1 or newer with the package manager of this system, then run ./start.sh again.'
  [ "$(id -u)" = 0 ] ||
    stop 'FFmpeg is missing. Run: sudo apt-get update && sudo apt-get install -y ffmpeg' 'Then run ./start.sh again.'
  say 'Installing FFmpeg ...'
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends ffmpeg ca-certificates; } >&2 ||
    stop 'FFmpeg could not be installed. The lines above say why.'
}

install_bun() {
  command -v npm >/dev/null 2>&1 ||
    stop 'Bun is missing, and so is npm to fetch it with. Install Node.js with npm (apt-get install -y nodejs npm), or Bun itself' \
      "(https://bun.com/docs/installation, version $BUN_VERSION or newer), then run ./start.sh again."
  say "Installing Bun $BUN_VERSION ..."
  mkdir -p "$TOOLS"
  npm install --loglevel=error --no-audit --no-fund --prefix "$TOOLS" "bun@$BUN_VERSION" >&2 ||
    stop 'Bun could not be installed. The lines above say why.'
}

PATH="$PWD/$TOOLS/node_modules/.bin:$PATH"
export PATH
{ command -v bun >/dev/null 2>&1 && new_enough "$(bun --version)"; } || install_bun
[ -n "${FFMPEG_PATH:-}" ] || command -v ffmpeg >/dev/null 2>&1 || install_ffmpeg

# The lock file as it was when the packages were installed: a new one after an update means a new install.
if ! cmp -s bun.lock node_modules/.installed.lock; then
  say 'Installing packages ...'
  bun install --frozen-lockfile --production >&2 || stop 'The packages could not be installed. The lines above say why.'
  cp bun.lock node_modules/.installed.lock
fi

exec bun src/main.ts "$@"
