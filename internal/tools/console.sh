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
work=.demo/quickstart
if [ ! -e "$work/.trafficmirror/ec2.db" ]; then
  echo 'The account is empty. "make demo" applies the quickstart to it.'
  mkdir -p "$work/.trafficmirror"
  cp examples/quickstart/topology.json "$work"
fi
cd "$work"
exec "$binary" console --path .trafficmirror/ec2.db --topology topology.json --region eu-west-1 "$@"
