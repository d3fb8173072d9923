#!/bin/sh
# Builds and vets the provider, tests included, for the platforms of the releases, which .goreleaser.yml lists:
#
#   platforms.sh        one platform of each operating system, by turns of each architecture; the others are only resolved, and so is a
#                       system for which the project has the same files as for one before, such as FreeBSD after macOS
#   platforms.sh all    all of them
#
# The EC2 client of the AWS SDK is compiled anew for each platform, which is most of the time that this takes.
set -eu

cd "$(dirname "$0")/../.."

# list KEY: the values of a list in .goreleaser.yml that stands on one line, such as goos: [linux, darwin].
list() {
  sed -n "s/^ *$1: *\[\(.*\)\] *\$/\1/p" .goreleaser.yml | tr -d ' "' | tr ',' '\n'
}

systems=$(list goos) architectures=$(list goarch)
ignored=$(sed -n 's/^ *ignore: *\[\(.*\)\] *$/\1/p' .goreleaser.yml | tr -d '"' | tr '}' '\n' | sed -n 's/.*goos: *\([a-z0-9]*\), *goarch: *\([a-z0-9]*\) *$/\1\/\2/p')
if [ -z "$systems" ] || [ -z "$architectures" ] || [ -z "$ignored" ] || [ "$(grep -Ec '^ *(goos|goarch|ignore):' .goreleaser.yml)" -ne 3 ] ||
  grep -Eq '^ *(targets|goarm|goarm64|goamd64|gomips|go386):' .goreleaser.yml; then
  echo "platforms.sh reads one goos, one goarch and one ignore of .goreleaser.yml, each on one line, and nothing that changes them." >&2
  exit 1
fi

# files: the files of the project for a platform.
files() { go list -f '{{.ImportPath}} {{.GoFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}' ./... | cksum | tr ' ' -; }

resolve() { go list -deps -test ./... >/dev/null; }

# Without optimizations, which finds the same errors and takes a fraction of the time, but on this platform, of which the cache has everything.
host=$(go env GOHOSTOS)/$(go env GOHOSTARCH)
compile() {
  flags='all=-N -l'
  [ "$GOOS/$GOARCH" != "$host" ] || flags=
  go build -gcflags="$flags" -o /dev/null . && go vet -gcflags="$flags" ./...
}

failed=
seen=
turn=0 # which of the architectures is the next system's
for GOOS in $systems; do
  place=0
  for GOARCH in $architectures; do
    case " $(echo $ignored) " in *" $GOOS/$GOARCH "*) continue ;; esac
    export GOOS GOARCH
    check=resolve
    if [ "${1:-}" = all ]; then
      check=compile
    elif [ "$place" -eq $((turn % $(echo "$architectures" | wc -l))) ]; then
      sources=$(files)
      case " $seen " in *" $sources "*) ;; *) check=compile seen="$seen $sources" ;; esac
    fi
    echo "$GOOS/$GOARCH: $check"
    "$check" || failed="$failed $GOOS/$GOARCH"
    place=$((place + 1))
  done
  turn=$((turn + 1))
done
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
