#!/bin/sh
# Runs each fuzz target of the project for the time that is given, and prints the input of each failure:
#
#   fuzz.sh 10s
set -eu

cd "$(dirname "$0")/../.."
targets=$(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' internal | sed 's/:func / /' | sort)
if [ -z "$targets" ]; then
  echo "No fuzz target was found in internal/." >&2
  exit 1
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=
# go test runs one fuzz target of one package at a time.
while read -r file target; do
  folder=${file%/*}
  touch "$scratch/begin"
  echo "$target in $folder"
  if go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "./$folder" >"$scratch/output" 2>&1 </dev/null &&
    grep -q '^fuzz: elapsed' "$scratch/output"; then # go test succeeds too where it finds nothing to fuzz
    tail -n 2 "$scratch/output"
    continue
  fi
  failed="$failed $target"
  cat "$scratch/output"
  if [ -d "$folder/testdata/fuzz/$target" ]; then
    find "$folder/testdata/fuzz/$target" -type f -newer "$scratch/begin" -exec sh -c 'echo "The input, $1:" && cat "$1"' sh {} \;
  fi
done <<TARGETS
$targets
TARGETS

echo "$(echo "$targets" | wc -l | tr -d ' ') fuzz targets, $1 each"
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
