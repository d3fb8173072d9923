#!/bin/sh
# Runs a command that is go test, with the race detector, which needs a C compiler:
#
#   race.sh go test -race -short
#
# It tests every package, so that a new one is not forgotten. Of the acceptance tests it runs those in which Terraform changes objects at the
# same time: the others take many minutes, most of them in the CLI, which has no race detector.
set -eu

compiler=$(go env CC)
if ! printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | $compiler -x c -o /dev/null - 2>/dev/null; then
  echo "The race detector needs a C compiler, and $compiler does not compile. On Debian: apt-get install gcc libc6-dev" >&2
  exit 1
fi

tools=$(dirname "$0")
concurrent=
for name in Faults FilterRule_renumber Race Session_numbers Storm; do
  grep -q "^func TestAcc$name" internal/provider/*_test.go || { echo "race.sh: no acceptance test begins with TestAcc$name" >&2; exit 1; }
  concurrent="$concurrent|^TestAcc$name"
done

unset TF_ACC
"$@" ./...
"$tools/acceptance.sh" "$@" -run "${concurrent#|}" ./internal/provider
