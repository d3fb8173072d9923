#!/bin/sh
# Fails if go mod tidy would change the go.mod or the go.sum of the project or of one of its tools.
#
# GoReleaser is left out: go mod tidy also reads what its dependencies are tested with, and one of these modules cannot be had from each proxy.
set -eu

cd "$(dirname "$0")/../.."
failed=
for file in go.mod internal/tools/*/go.mod; do
  [ "$file" != internal/tools/goreleaser/go.mod ] || continue
  (cd "${file%go.mod}." && go mod tidy -diff) || failed="$failed $file"
done
[ -z "$failed" ] || { echo "Not tidy:$failed. In each of the folders, run: go mod tidy" >&2; exit 1; }
