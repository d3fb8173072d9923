#!/bin/sh
# Applies examples/quickstart to the embedded EC2, shows what becomes of its capture, and closes with the path of the mirrored packets:
#
#   demo.sh BINARY VERSION
#
# It works on a copy in .demo/, which stays for a look around.
set -eu

cd "$(dirname "$0")/../.."
cli=$(internal/tools/terraform-cli.sh)
work=$PWD/.demo
rm -rf "$work"
mkdir -p "$work/quickstart"
(cd examples/quickstart && cp main.tf topology.json quickstart.pcap "$work/quickstart")
internal/tools/install.sh "$1" "$2" "$work" >/dev/null

cd "$work/quickstart"
export TF_CLI_CONFIG_FILE="$work/terraform.rc" CHECKPOINT_DISABLE=1
# What the user has set for other work must not decide how this ends.
for name in $(env | sed -n 's/^\(TF_[A-Za-z_]*\)=.*/\1/p'); do
  [ "$name" = TF_CLI_CONFIG_FILE ] || unset "$name"
done
color=
[ -t 1 ] || color=-no-color

# run ARGUMENTS: shows the command, then runs it.
run() {
  printf '\n$ %s %s\n' "${cli##*/}" "$*"
  "$cli" "$@"
}

# A lock file beforehand: init warns when it has to make one for a provider that comes from no registry.
"$cli" providers lock -fs-mirror="$work/providers" >/dev/null

run init -input=false $color
run apply -auto-approve -input=false $color

run plan -detailed-exitcode -input=false $color || {
  [ $? -ne 2 ] || echo "The second plan was expected to find no changes." >&2
  exit 1
}

run output -raw $color table
printf '\nWhat the targets receive, for Wireshark or tshark:\n'
ls "$work/quickstart/mirrored.pcap"
