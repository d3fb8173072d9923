#!/bin/sh
# Fails unless each action in .github/workflows is pinned by a full commit, with its version in a comment. A tag can be moved.
set -eu

cd "$(dirname "$0")/../.."
if grep -rnE '^[^#]*\buses:' .github/workflows | grep -vE 'uses: (\./|[A-Za-z0-9_./-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$)'; then
  echo "Write each action as: uses: OWNER/NAME@COMMIT # v1.2.3" >&2
  exit 1
fi
