#!/bin/sh
# Writes the next migration from src/db/tables. The generator brings 30 MB with it that nothing else needs, so it is
# installed in a temporary folder each time instead of being a dependency.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/db"
cp -r src/db/tables "$work/src/db/tables"
cp -r migrations "$work/migrations"
cd "$work"
echo '{ "private": true, "type": "module" }' >package.json
bun add --exact --silent drizzle-kit@0.31.11 drizzle-orm@0.45.4
bun node_modules/drizzle-kit/bin.cjs generate --dialect sqlite --schema './src/db/tables/*.ts' --out migrations "$@"
cp -r migrations/. "$OLDPWD/migrations/"
