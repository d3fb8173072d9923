#!/bin/sh
# Runs each fuzz target of the project for the time that is given, and prints the input of each failure:
#
#   fuzz.sh 10s
#   fuzz.sh 10s 3    three of them: others each day, or those of TRAFFICMIRROR_SEED
#
# Before 1.27, Go now and then takes the end of the time for a failure: https://go.dev/issue/75804. A target that says nothing else, and has no
# input to show, runs once more.
set -eu

cd "$(dirname "$0")/../.."
targets=$(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' internal | sed 's/:func / /' | sort)
if [ -z "$targets" ]; then
  echo "No fuzz target was found in internal/." >&2
  exit 1
fi

# The sample goes round: after as many days as it takes, each target has run.
all=$(echo "$targets" | wc -l | tr -d ' ')
if [ -n "${2:-}" ] && [ "$2" -lt "$all" ]; then
  first=$(((${TRAFFICMIRROR_SEED:-$(($(date +%s) / 86400))} * $2) % all))
  targets=$(printf '%s\n%s\n' "$targets" "$targets" | sed -n "$((first + 1)),$((first + $2))p")
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=

# go test succeeds too where it finds nothing to fuzz.
run() {
  go test -run '^$' -fuzz "^$1\$" -fuzztime "$3" "./$2" >"$scratch/output" 2>&1 </dev/null && grep -q '^fuzz: elapsed' "$scratch/output"
}

out_of_time() {
  grep -A1 '^--- FAIL: ' "$scratch/output" | grep -q '^ *context deadline exceeded$' && ! grep -qi 'failing input\|panic' "$scratch/output"
}

# go test runs one fuzz target of one package at a time.
while read -r file target; do
  folder=${file%/*}
  touch "$scratch/begin"
  echo "$target in $folder"
  if run "$target" "$folder" "$1" || { out_of_time && run "$target" "$folder" "$1"; }; then
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

echo "$(echo "$targets" | wc -l | tr -d ' ') of $all fuzz targets, $1 each"
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
