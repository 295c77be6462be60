#!/usr/bin/env bash
# Our baton on files of version 3 that upstream's engine wrote and edited: a second sync over the first, rows written
# twice, deletes, a compaction, in all three packings; and one sync of 1,200,000 grants. Our lists are upstream's.
#
# BATON_BIN_DIR names our binaries. Exit 77: Go or its modules are not at hand. EDITS="edited large" chooses kinds.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${BATON_BIN_DIR:-$here/../../build/release/bin}
readers=$here/../../build/interop

"$here/build"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export NO_COLOR=1

# same FILE QUESTION…: ours and upstream's baton give the same answers, whatever the order of rows.
same() {
  local file=$1 question
  shift
  for question in "$@"; do
    # shellcheck disable=SC2086  # words are arguments
    "$bin/baton" $question -f "$file" -o json >ours.json
    # shellcheck disable=SC2086
    "$readers/baton" $question -f "$file" -o json >upstream.json 2>log
    python3 - "$question" <<'PYTHON'
import json, sys

def canonical(value):
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value

ours, upstream = (canonical(json.load(open(name))) for name in ("ours.json", "upstream.json"))
if ours != upstream or not upstream:
    raise SystemExit(f"{sys.argv[1]}: ours and upstream's differ, or are empty")
PYTHON
  done
}

# there_and_back KIND: conversions lose nothing of what both versions can hold.
there_and_back() {
  "$bin/baton" to-sqlite -f "$1.c1z" --out "$1-v1.c1z" >log
  "$bin/baton" to-pebble -f "$1-v1.c1z" --out "$1-v3.c1z" >log
  for file in "$1-v1.c1z" "$1-v3.c1z"; do
    [[ $("$bin/baton" digest --common -f "$file") == $("$bin/baton" digest --common -f "$1.c1z") ]] || {
      printf '%s does not hold what %s holds\n' "$file" "$1.c1z" >&2
      exit 1
    }
  done
}

for kind in ${EDITS:-edited tar tar-zstd large}; do
  "$readers/c1z-edits" "$kind.c1z" "$kind"
  same "$kind.c1z" stats syncs resource-types 'resources -t group' 'principals -e group:g00017:member' \
    'grants -e membership-19' 'access -t user -r u000123' 'grants -t group -r g00042'
  if [[ $kind == large ]]; then
    grants=$("$bin/baton" digest -f "$kind.c1z" --rows | grep -c '^{"grant":' || true)
    [[ $grants == 1200000 ]] || {
      printf 'ours lists %s grants instead of 1200000\n' "$grants" >&2
      exit 1
    }
  else
    same "$kind.c1z" resources entitlements grants
  fi
  there_and_back "$kind"
  printf '%s: ours and upstream read the same\n' "$kind"
done
