#!/bin/sh
# Makes what a release consists of, without publishing and signing it, and checks it as a release is checked:
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

platforms= config=.goreleaser.yml
if [ "${2:-}" != all ]; then
  platforms=$(go env GOHOSTOS)_$(go env GOHOSTARCH)
  config=$scratch/goreleaser.yml
  sed -e "s/^\( *goos:\).*/\1 [$(go env GOHOSTOS)]/" -e "s/^\( *goarch:\).*/\1 ['$(go env GOHOSTARCH)']/" .goreleaser.yml >"$config"
fi
$goreleaser release --config "$config" --snapshot --clean --skip=publish,sign >"$scratch/output" 2>&1 || { cat "$scratch/output"; exit 1; }

value() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" dist/metadata.json | head -n 1; }
version=$(value version)
mkdir dist/assets
cp dist/*.zip dist/*.spdx.json dist/*_SHA256SUMS dist/assets/
cp terraform-registry-manifest.json "dist/assets/terraform-provider-trafficmirror_${version}_manifest.json"
go -C internal/tools/release run . verify -unsigned -version "$version" -commit "$(value commit)" ${platforms:+-platforms "$platforms"} ../../../dist/assets
(cd dist/assets && wc -c ./*)
