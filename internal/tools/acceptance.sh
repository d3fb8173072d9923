#!/bin/sh
# Runs a command in the environment of the acceptance tests, with a Terraform CLI:
#
#   acceptance.sh go test ./internal/provider
set -eu

# What the user has set for other work must not decide how a test ends.
for name in $(env | sed -n -e 's/^\(TF_[A-Za-z_]*\)=.*/\1/p' -e 's/^\(AWS_[A-Za-z0-9_]*\)=.*/\1/p'); do
  unset "$name"
done

TF_ACC_TERRAFORM_PATH=$("$(dirname "$0")/terraform-cli.sh")
export TF_ACC_TERRAFORM_PATH
export TF_ACC=1
# go test does not repeat a test whose environment is the same: the sample of another day is another seed.
export TRAFFICMIRROR_SEED="${TRAFFICMIRROR_SEED:-$(($(date +%s) / 86400))}"
# An empty file rather than the user's: what stands there must not decide how a test ends, and a missing file is warned of.
export TF_CLI_CONFIG_FILE=/dev/null
export CHECKPOINT_DISABLE=1
case $("$TF_ACC_TERRAFORM_PATH" version) in
  OpenTofu*) export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=hashicorp ;;
esac
exec "$@"
