#!/bin/sh
# Formats the configurations in examples/, which the documentation shows:
#
#   fmt.sh           writes what is not formatted, and lists it
#   fmt.sh -check    lists it, and fails
set -eu

cd "$(dirname "$0")/../.."
cli=$(internal/tools/terraform-cli.sh)
TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 "$cli" fmt -recursive "$@" examples || {
  echo "Not formatted, run make fmt." >&2
  exit 1
}
