#!/bin/bash
# Everything that must hold before a change goes in: format, types, lint, unit, integration and browser tests. The last line
# printed is `N passed, N failed` (and `, N skipped`); the exit code says the same.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

BUN_VERSION=1.4.5
TOOLS=.cache/tools
REPORTS=.cache/reports
PATH="$PWD/$TOOLS/node_modules/.bin:$PATH:/usr/sbin"
export PATH
passed=0 failed=0 skipped=0

say() { printf '\n== %s\n' "$*"; }
finish() {
  printf '\n%d passed, %d failed' "$passed" "$failed"
  [ "$skipped" = 0 ] || printf ', %d skipped' "$skipped"
  printf '\n'
  [ "$failed" = 0 ]
  exit
}

# Debian starts what it installs; the peers of the tests must only run when a test starts them.
install_packages() {
  local missing=() pair
  for pair in chromium:chromium chromium-headless-shell:chromium-headless-shell curl:curl ffmpeg:ffmpeg nginx:nginx-light srt-live-transmit:srt-tools stunnel4:stunnel4 openssl:openssl gst-launch-1.0:gstreamer1.0-tools; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair#*:}")
  done
  [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ] || missing+=(libnginx-mod-rtmp)
  /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null ||
    missing+=(gstreamer1.0-rtsp gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gir1.2-gst-rtsp-server-1.0 python3-gi)
  [ "${#missing[@]}" = 0 ] && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing: ${missing[*]}. Install them with apt (without starting their services); tests that need them will be skipped."
    return
  fi
  echo "Installing ${missing[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d ours=0
  [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && ours=1; }
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$REPORTS/apt.log" 2>&1 ||
    { tail -n 20 "$REPORTS/apt.log" && echo "Could not install ${missing[*]}; tests that need them will be skipped."; }
  [ "$ours" = 0 ] || rm -f "$policy"
}

install_bun() {
  [ "$(printf '%s\n%s\n' "$BUN_VERSION" "$(bun --version 2>/dev/null || echo 0)" | sort -V | head -n 1)" = "$BUN_VERSION" ] && return
  npm install --loglevel=error --no-audit --no-fund --prefix "$TOOLS" "bun@$BUN_VERSION"
}

# A step that fails counts as one failed test.
step() {
  say "$1"
  shift
  "$@" </dev/null || { failed=$((failed + 1)) && echo "FAILED: $*"; }
}

# Runs bun's tests and adds up what its report says; a run that dies before its report counts as one failure.
tests() {
  local name=$1 report="$REPORTS/$1.xml" head
  shift
  say "$name tests"
  rm -f "$report"
  bun test --only-failures --reporter=junit --reporter-outfile="$report" "$@" </dev/null
  local code=$?
  head=$(grep -m 1 '<testsuites ' "$report" 2>/dev/null)
  count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$head"; }
  local total bad idle
  total=$(count tests) bad=$(count failures) idle=$(count skipped)
  passed=$((passed + ${total:-0} - ${bad:-0} - ${idle:-0}))
  failed=$((failed + ${bad:-0}))
  skipped=$((skipped + ${idle:-0}))
  [ "$code" = 0 ] || [ "${bad:-0}" != 0 ] || { failed=$((failed + 1)) && echo "FAILED: the $name run ended with code $code."; }
  [ "${idle:-0}" = 0 ] || { echo "SKIPPED in $name:" && grep -B 1 '<skipped' "$report" | sed -n 's/.*testcase name="\([^"]*\)".*/  \1/p'; }
}

mkdir -p "$REPORTS"
say 'install'
install_packages
install_bun || { echo 'Bun is missing and npm could not install it.' && failed=1 && finish; }
if [ ! -x node_modules/.bin/biome ] || ! cmp -s bun.lock node_modules/.installed.lock; then
  bun install --frozen-lockfile || { failed=1 && finish; }
  cp bun.lock node_modules/.installed.lock
fi

# Made once here, not by each of the tests that run at the same time.
step 'fixtures' bun test/support/fixtures.ts
# Tests that start Weir start the one file that people install: it is up in a third of the time that its sources take.
WEIR_PROGRAM="$PWD/.cache/weir"
export WEIR_PROGRAM
step 'build' bun build.ts "$WEIR_PROGRAM"
step 'format' bun run --silent fmt:check
step 'types' bun check
step 'lint' bun run --silent lint
tests unit --timeout=30000 --parallel=2 test/unit
# What is promised in seconds is tried without neighbours.
tests timed --timeout=120000 --retry=2 test/timed
# Real encoders and networks on a machine that does four things at once: what fails is tried again before it counts. Long
# files begin first, by test/timings.json (`--update-timings` measures anew), and no file plays more than five scenes at once.
tests integration --timeout=120000 --retry=2 --parallel=4 --max-concurrency=5 --timings=test/timings.json \
  test/integration test/security
if command -v chromium >/dev/null 2>&1; then
  # One browser for all files of a worker: without an isolation of files they share what test/support/browser holds.
  tests e2e --timeout=120000 --retry=2 --parallel=2 --no-isolate --timings=test/timings.json test/e2e
else
  say 'e2e tests' && echo 'SKIPPED: all of test/e2e, Chromium is missing.' && skipped=$((skipped + 1))
fi
finish
