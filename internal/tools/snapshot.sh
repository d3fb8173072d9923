#!/bin/sh
# Makes what a release of the last commit consists of, without publishing and signing it, and checks it as a release is checked:
#
#   snapshot.sh COMMAND        for this platform
#   snapshot.sh COMMAND all    for all platforms, in many minutes
#
# COMMAND is goreleaser. The assets are in dist/assets/.
set -eu

cd "$(dirname "$0")/../.."
goreleaser=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# In a clone: a release has no changes that are not committed. Go and GoReleaser find the commit in a clone with a remote only, and not in a worktree.
git clone --quiet . "$scratch/tree"
commit=$(git rev-parse HEAD)

platforms=
cp .goreleaser.yml "$scratch/goreleaser.yml"
if [ "${2:-}" != all ]; then
  system=$(go env GOHOSTOS) architecture=$(go env GOHOSTARCH)
  platforms=${system}_$architecture
  sed -e "s/^\( *goos:\).*/\1 [$system]/" -e "s/^\( *goarch:\).*/\1 ['$architecture']/" .goreleaser.yml >"$scratch/goreleaser.yml"
fi
go -C "$scratch/tree/internal/tools/release" run . notices # a hook of a release
(cd "$scratch/tree" && $goreleaser release --config "$scratch/goreleaser.yml" --snapshot --clean --skip=before,publish,sign) >"$scratch/output" 2>&1 ||
  { cat "$scratch/output"; exit 1; }

version=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$scratch/tree/dist/metadata.json")
rm -rf dist/assets
mkdir -p dist/assets
cp "$scratch"/tree/dist/*.zip "$scratch"/tree/dist/*.spdx.json "$scratch"/tree/dist/*_SHA256SUMS dist/assets/
cp terraform-registry-manifest.json "dist/assets/terraform-provider-trafficmirror_${version}_manifest.json"
go -C internal/tools/release run . verify -unsigned -version "$version" -commit "$commit" ${platforms:+-platforms "$platforms"} ../../../dist/assets
(cd dist/assets && wc -c ./*)
