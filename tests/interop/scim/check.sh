#!/usr/bin/env bash
# baton-scim against a SCIM server that is not ours. Exit 77: Node or its packages are not at hand.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/install"
export NODE_PATH=$here/../../../build/interop/scim/node_modules PYTHONPATH=$here/../../e2e
exec python3 -B "$here/scim_test.py"
