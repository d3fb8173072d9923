#!/bin/sh
# Runs a command that is go test, with the race detector, which needs a C compiler:
#
#   race.sh go test -race -short
#
# With RACE=all it tests all packages. Else it tests each package whose files start goroutines, lock, or serve or call over a network: a package of
# pure functions has no race of its own, and the tests of its callers run it too. A new package is found by its files. Of the package provider it
# runs the acceptance tests in which Terraform changes objects at the same time: the others take many minutes, most of them in the CLI, which has no
# race detector, and the unit tests call one thing after the other. The package docs starts programs, and no goroutine shares its data.
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

packages=
for entry in $(go list -f '{{.ImportPath}}={{.Dir}}' ./...); do
  package=${entry%%=*} folder=${entry#*=}
  case ${RACE:-}$package in
    all*) ;;
    */internal/docs | */internal/provider) continue ;;
  esac
  if [ "${RACE:-}" = all ] || grep -qE '^[[:space:]]*go [a-zA-Z]|[<]-|chan |\.Go\(|"(sync|sync/atomic|net|net/http|net/http/httptest|golang.org/x/sync/[a-z]*)"' "$folder"/*.go; then
    packages="$packages $package"
  fi
done
[ -n "$packages" ] || { echo "race.sh: no package with goroutines is found" >&2; exit 1; }

unset TF_ACC
"$@" $packages
"$tools/acceptance.sh" "$@" -run "${concurrent#|}" ./internal/provider
