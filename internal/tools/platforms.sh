#!/bin/sh
# Builds and vets the provider, tests included, for the platforms of the releases, which .goreleaser.yml lists:
#
#   platforms.sh        one platform of each system, another architecture for each. The others are only resolved. So is a system for which the
#                       project has the same files as for an earlier one, such as FreeBSD after macOS.
#   platforms.sh all    all of them
#
# The EC2 client of the AWS SDK is compiled anew for each platform, which is most of the time that this takes.
set -eu

cd "$(dirname "$0")/../.."

platforms=$(go -C internal/tools/release run . platforms)

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
turn=0 # the first system has its first platform compiled, the second its second, and so on
for system in $(echo "$platforms" | sed 's/_.*//' | awk '!seen[$0]++'); do
  own=$(echo "$platforms" | grep "^${system}_")
  chosen=$(echo "$own" | sed -n "$((turn % $(echo "$own" | wc -l) + 1))p")
  for platform in $own; do
    export GOOS="$system" GOARCH="${platform#*_}"
    check=resolve
    if [ "${1:-}" = all ]; then
      check=compile
    elif [ "$platform" = "$chosen" ]; then
      sources=$(files)
      case " $seen " in *" $sources "*) ;; *) check=compile seen="$seen $sources" ;; esac
    fi
    echo "$GOOS/$GOARCH: $check"
    "$check" || failed="$failed $GOOS/$GOARCH"
  done
  turn=$((turn + 1))
done
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
