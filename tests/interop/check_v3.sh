#!/usr/bin/env bash
# Upstream's engine on files of version 3 that we wrote: it lists them by every index, saves them anew, and expands them,
# and finds the rows that it finds in our files of version 1. Ours reads back what upstream saved and expanded.
#
# BATON_BIN_DIR names our binaries. Exit 77: Go or its modules are not at hand.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${BATON_BIN_DIR:-$here/../../build/release/bin}
readers=$here/../../build/interop

"$here/build"
scratch=$(mktemp -d)
on_exit() { rm -rf "$scratch"; }
# shellcheck source=../../scripts/with-tenant
source "$here/../../scripts/with-tenant"
start_tenant "$bin/baton-tenant" --users 200 --groups 20 --members 15 --roles 10 --assignments 5 --role-users 4 \
  --apps 3 --nesting 2 --cycles 0.2 --page-size 7
cd "$scratch"

# same WHAT A B: two outputs are equal, but for the id of the sync.
same() {
  diff <(sed -E 's/"syncId":"[^"]*"/"syncId":""/' "$2") <(sed -E 's/"syncId":"[^"]*"/"syncId":""/' "$3") >difference || {
    printf '%s: %s and %s differ: %s\n' "$1" "$2" "$3" "$(head -c 1000 difference)" >&2
    exit 1
  }
}

# read_by_upstream NAME: everything that it finds in NAME.c1z, into NAME.rows and NAME.indexes.
read_by_upstream() {
  "$readers/c1z-rows" "$1.c1z" >"$1.rows"
  "$readers/c1z-indexes" list "$1.c1z" >"$1.indexes"
}

# same_for_us WHAT A B: both files hold the same rows, read by our own baton.
same_for_us() {
  local a b
  a=$("$bin/baton" digest --common -f "$2")
  b=$("$bin/baton" digest --common -f "$3")
  [[ $a == "$b" ]] || {
    diff <("$bin/baton" digest --common --rows -f "$2") <("$bin/baton" digest --common --rows -f "$3") >difference || true
    printf '%s: our baton reads other rows in %s than in %s: %s\n' "$1" "$3" "$2" "$(head -c 1000 difference)" >&2
    exit 1
  }
}

sync() {
  "$bin/baton-demo" --base-url "$tenant_url" --token demo -f "$1.c1z" --storage-engine "$2" </dev/null
  read_by_upstream "$1"
}
sync one sqlite
sync three pebble
for what in rows indexes; do same 'synced as either version' "one.$what" "three.$what"; done

"$bin/baton" to-pebble -f one.c1z --out converted.c1z
read_by_upstream converted
for what in rows indexes; do same 'converted' "one.$what" "converted.$what"; done
for command in resource-types resources entitlements grants stats syncs; do
  "$readers/baton" "$command" -f converted.c1z -o json >/dev/null 2>"$command.log"
done

cp three.c1z saved.c1z
"$readers/c1z-indexes" resave saved.c1z
if cmp -s three.c1z saved.c1z; then
  printf 'upstream did not save the file anew\n' >&2
  exit 1
fi
read_by_upstream saved
for what in rows indexes; do same 'saved anew by upstream' "three.$what" "saved.$what"; done
same_for_us 'saved anew by upstream' three.c1z saved.c1z

"$bin/baton" rollback-expansion -f one.c1z --out unexpanded.c1z
"$bin/baton" to-pebble -f unexpanded.c1z --out expanded.c1z
"$readers/c1z-rows" expanded.c1z >before.rows
if cmp -s before.rows one.rows; then
  printf 'nothing was left to expand\n' >&2
  exit 1
fi
"$readers/c1z-indexes" expand expanded.c1z
read_by_upstream expanded
same 'expanded by upstream' one.rows expanded.rows
same_for_us 'expanded by upstream' one.c1z expanded.c1z
printf 'upstream reads, saves and expands our files of version 3, and we read those: %s\n' \
  "$(python3 -c 'import json; print(json.load(open("three.rows"))["counts"])')"
