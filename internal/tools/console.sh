#!/bin/sh
# Serves the web console on the quickstart:
#
#   console.sh BINARY [ARGUMENTS OF console]
#
# It shows the embedded EC2 that `make demo` has filled, in .demo/, or an empty one with the topology of the quickstart.
set -eu

cd "$(dirname "$0")/../.."
binary=$PWD/$1
shift
# Paths from this folder: `make demo` makes .demo anew, also while the console runs.
path=.demo/quickstart/.trafficmirror/ec2.db
if [ ! -e "$path" ]; then
  echo 'The account is empty. "make demo" applies the quickstart to it, also while the console runs.'
  mkdir -p "${path%/*}"
fi
exec "$binary" console --path "$path" --topology examples/quickstart/topology.json --region eu-west-1 "$@"
