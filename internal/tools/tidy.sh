#!/bin/sh
# Fails if go mod tidy would change the go.mod or the go.sum of the project or of one of its tools.
set -eu

cd "$(dirname "$0")/../.."
failed=
for file in go.mod internal/tools/*/go.mod; do
  (cd "${file%go.mod}." && go mod tidy -diff) || failed="$failed $file"
done
[ -z "$failed" ] || { echo "Not tidy:$failed. In each of the folders, run: go mod tidy" >&2; exit 1; }
