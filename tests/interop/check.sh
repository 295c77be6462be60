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
"$here/syncs.py" "$bin/baton" "$here/../../build/interop/baton" "$here/../conformance/c1z/data" "$scratch"
printf 'upstream baton and ours agree on %s\n' "$(head -c 400 "$scratch/upstream/stats.json")"
