#!/bin/sh
# Prints the path of axe.min.js, which the browser tests of the console and of the report run: TRAFFICMIRROR_AXE=$(axe.sh). npm gets it once into the user's cache
# folder.
set -eu

version=4.14.1
integrity='FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==' # of the package, as the registry of npm shows it
folder=${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-trafficmirror/axe-core-$version
if [ ! -f "$folder/axe.min.js" ]; then
  command -v npm >/dev/null || { echo "npm is not on the PATH. Install it, or set TRAFFICMIRROR_AXE to the path of axe.min.js of axe-core." >&2; exit 1; }
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  (cd "$scratch" && npm pack --silent "axe-core@$version" >/dev/null)
  found=$(node -p 'require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$scratch/axe-core-$version.tgz")
  if [ "$found" != "$integrity" ]; then
    echo "axe-core $version has the checksum sha512-$found, not sha512-$integrity." >&2
    exit 1
  fi
  tar -xzf "$scratch/axe-core-$version.tgz" -C "$scratch"
  mkdir -p "$folder"
  # Renamed when complete, so that an interrupted download is never taken for a finished one.
  cp "$scratch/package/axe.min.js" "$folder/axe.min.js.$$"
  mv "$folder/axe.min.js.$$" "$folder/axe.min.js"
fi
echo "$folder/axe.min.js"
