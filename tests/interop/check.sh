#!/usr/bin/env bash
# The best oracle there is: upstream's own baton reads a file that our connector wrote.
#
# Starts a small tenant, syncs it with baton-demo, runs every reading subcommand of upstream on the result and compares
# its lists with those of our baton. BATON_BIN_DIR names our binaries. Exit 77: Go or its modules are not at hand.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${BATON_BIN_DIR:-$here/../../build/release/bin}

"$here/build"
scratch=$(mktemp -d)
on_exit() { rm -rf "$scratch"; }
# shellcheck source=../../scripts/with-tenant
source "$here/../../scripts/with-tenant"
start_tenant "$bin/baton-tenant" --users 200 --groups 20 --members 15 --roles 10 --assignments 5 --role-users 4 \
  --apps 3 --nesting 2 --cycles 0.2 --page-size 7
file=$scratch/sync.c1z
"$bin/baton-demo" --base-url "$tenant_url" --token demo -f "$file" </dev/null

"$here/run" "$file" "$scratch/upstream"
mkdir "$scratch/ours"
for command in resource-types resources entitlements grants stats; do
  "$bin/baton" "$command" -f "$file" -o json >"$scratch/ours/$command.json"
done
"$here/compare.py" "$scratch/ours" "$scratch/upstream"

# Files that get further syncs: ours once and twice more, through the library, and files that upstream wrote.
data=$here/../conformance/c1z/data
again() { # FILE [FLAG…]: adds a sync
  BATON_SKIP_CLEANUP=true TZ=UTC "$bin/baton-demo" --base-url "$tenant_url" --token demo -f "$@" </dev/null 2>>"$scratch/log"
}
cp "$file" "$scratch/two.c1z"
again "$scratch/two.c1z"
cp "$scratch/two.c1z" "$scratch/three.c1z"
again "$scratch/three.c1z"
cp "$file" "$scratch/two-library.c1z"
again "$scratch/two-library.c1z" --c1z-writer library
for sample in sdk-v1 sdk-v1-slim hand-v1-oldschema; do
  cp "$data/$sample.c1z" "$scratch/$sample-and-ours.c1z"
  chmod u+w "$scratch/$sample-and-ours.c1z"
  again "$scratch/$sample-and-ours.c1z"
done
"$here/syncs.py" "$bin/baton" "$here/../../build/interop/baton" "$data" "$scratch" \
  "$scratch"/two.c1z "$scratch"/three.c1z "$scratch"/two-library.c1z "$scratch"/*-and-ours.c1z
printf 'upstream baton and ours agree on %s\n' "$(head -c 400 "$scratch/upstream/stats.json")"
