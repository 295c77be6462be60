#!/usr/bin/env python3
"""Compares what our baton prints about a file with what upstream's prints about it, and upstream with itself.

    tests/interop/compare.py OURS UPSTREAM

OURS holds <subcommand>.json of our baton, UPSTREAM the folder that tests/interop/run filled. The order of rows is not
part of the contract and is sorted away; everything inside a row is compared. Ends with 1 after naming what differs.
"""

import json
import sys

# The lists that both write; `stats` is an object and compared as it is.
LISTS = {
    "resource-types": "resourceTypes",
    "resources": "resources",
    "entitlements": "entitlements",
    "grants": "grants",
}
SHOWN = 3  # differing rows printed per list


def load(folder, name):
    path = f"{folder}/{name}.json"
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except json.JSONDecodeError as error:
            raise SystemExit(f"{path}: not JSON: {error}")


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def compare_lists(ours, upstream):
    """Yields what differs between the rows of one subcommand, as multisets."""
    mine, theirs = sorted(map(canonical, ours)), sorted(map(canonical, upstream))
    if mine == theirs:
        return
    if len(mine) != len(theirs):
        yield f"ours prints {len(mine)} rows, upstream {len(theirs)}"
    for side, rows, others in (("ours", mine, set(theirs)), ("upstream", theirs, set(mine))):
        only = [row for row in rows if row not in others]
        for row in only[:SHOWN]:
            yield f"only {side} prints {row}"
        if len(only) > SHOWN:
            yield f"only {side} prints {len(only) - SHOWN} more"


def compare(ours, upstream):
    """Yields every difference, each with the subcommand it is about."""
    for name, member in LISTS.items():
        theirs = load(upstream, name).get(member, [])
        if not theirs:
            yield f"{name}: upstream found no rows, so nothing was compared"
        for what in compare_lists(load(ours, name).get(member, []), theirs):
            yield f"{name}: {what}"

    stats = load(upstream, "stats")
    if canonical(load(ours, "stats")) != canonical(stats):
        yield f"stats: ours {canonical(load(ours, 'stats'))}, upstream {canonical(stats)}"

    # What the file claims about itself against what a reader counts.
    if canonical(load(upstream, "recalculated-stats")) != canonical(stats):
        yield f"stats: cached {canonical(stats)}, counted {canonical(load(upstream, 'recalculated-stats'))}"
    rows = load(upstream, "rows")
    for kind, count in rows["counts"].items():
        if stats["stats"].get(kind, "0") != str(count):
            yield f"stats: {kind} is {stats['stats'].get(kind, '0')}, the reader lists {count}"

    # A copy and a conversion made by upstream still hold every row.
    for copy in ("exported-rows", "pebble-rows"):
        if load(upstream, copy) != rows:
            yield f"{copy}: upstream's copy of the file does not hold the same rows"


def main():
    if len(sys.argv) != 3:
        print("usage: compare.py OURS UPSTREAM", file=sys.stderr)
        return 2
    differences = list(compare(sys.argv[1], sys.argv[2]))
    for difference in differences:
        print(difference)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
