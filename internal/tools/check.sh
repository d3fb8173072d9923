#!/bin/sh
# Checks what a commit must not leave behind, after `make build`: Go sources and examples that are not formatted, generated files that are not
# current, images of another version, and a binary that is too large.
set -u

cd "$(dirname "$0")/../.."
failed=

files=$(gofmt -l main.go internal)
[ -z "$files" ] || { printf 'Not formatted, run make fmt:\n%s\n' "$files"; failed=1; }

internal/tools/fmt.sh -check || failed=1

make generate || failed=1
if [ -n "$(git status --porcelain -- docs)" ]; then
  echo "docs/ is not what make generate writes:"
  git status --short -- docs
  failed=1
fi

# A release is followed by the image of its version, and the guides say which one to take.
version=$(sed -n 's/^VERSION *?= *//p' GNUmakefile)
if grep -rnE 'ghcr\.io/trafficmirror/terraform-provider-trafficmirror:[0-9]' templates examples | grep -vE "trafficmirror:$version([^0-9.]|\$)"; then
  echo "These images are not those of version $version, which the GNUmakefile has."
  failed=1
fi

# The limit keeps the download of each user, in each CI run, as small as it is.
limit=34000000
bytes=$(wc -c <bin/terraform-provider-trafficmirror)
echo "The binary has $bytes bytes of $limit."
[ "$bytes" -le "$limit" ] || {
  echo "It is too large. Does something find methods by reflection? go build -ldflags=-dumpdep marks it with ReflectMethod."
  failed=1
}

[ -z "$failed" ]
