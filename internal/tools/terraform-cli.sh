#!/bin/sh
# Prints the absolute path of a Terraform CLI: $TERRAFORM, else terraform or tofu from the PATH, else an OpenTofu that is built from
# the Go module proxy once and kept in the user's cache folder.
set -eu

absolute() {
  case $1 in
    /*) echo "$1" ;;
    *) echo "$PWD/$1" ;;
  esac
}

if [ -n "${TERRAFORM:-}" ]; then
  cli=$(command -v "$TERRAFORM") || { echo "TERRAFORM=$TERRAFORM is not a program. Set it to the path of terraform or tofu." >&2; exit 1; }
  absolute "$cli"
  exit
fi

for name in terraform tofu; do
  if cli=$(command -v "$name"); then
    absolute "$cli"
    exit
  fi
done

module=$(dirname "$0")/opentofu
version=$(awk '$1 == "github.com/opentofu/opentofu" { print substr($2, 2) }' "$module/go.mod")
cli=${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-trafficmirror/opentofu-$version/tofu
if [ ! -x "$cli" ]; then
  echo "Neither terraform nor tofu is on the PATH. Building OpenTofu $version, which takes some minutes, once, into ${cli%/*}" >&2
  mkdir -p "${cli%/*}"
  # Built under another name and renamed, so that an interrupted build is never taken for a finished one.
  CGO_ENABLED=0 go -C "$module" build -trimpath -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' \
    -o "$cli.$$" github.com/opentofu/opentofu/cmd/tofu >&2
  mv "$cli.$$" "$cli"
fi
echo "$cli"
