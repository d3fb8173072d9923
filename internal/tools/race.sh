#!/bin/sh
# Runs a command that is go test for every package, with the race detector, which needs a C compiler:
#
#   race.sh go test -race -short
#
# Every package, because nearly all start goroutines, if only those of t.Parallel, and none that comes to it later is forgotten.
set -eu

compiler=$(go env CC)
if ! printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | $compiler -x c -o /dev/null - 2>/dev/null; then
  echo "The race detector needs a C compiler, and $compiler does not compile. On Debian: apt-get install gcc libc6-dev" >&2
  exit 1
fi
exec "$(dirname "$0")/acceptance.sh" "$@" ./...
