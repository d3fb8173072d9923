#!/bin/sh
# Installs the provider as Terraform and OpenTofu want it: a filesystem mirror, and a CLI configuration file that names it.
#
#   install.sh BINARY VERSION FOLDER
#
# writes FOLDER/providers/ and FOLDER/terraform.rc, and says what to do with them.
set -eu

binary=$1 version=$2
mkdir -p "$3"
folder=$(cd "$3" && pwd)

# The CLIs complete "trafficmirror/trafficmirror" with the registry of their own.
for host in registry.terraform.io registry.opentofu.org; do
  package=$folder/providers/$host/trafficmirror/trafficmirror/$version/$(go env GOOS)_$(go env GOARCH)
  mkdir -p "$package"
  # A new file rather than new content: the old one may be running.
  rm -f "$package"/terraform-provider-trafficmirror*
  cp "$binary" "$package/terraform-provider-trafficmirror_v$version"
done

cat >"$folder/terraform.rc" <<CONFIGURATION
provider_installation {
  filesystem_mirror {
    path    = "$folder/providers"
    include = ["trafficmirror/trafficmirror"]
  }
  direct {
    exclude = ["trafficmirror/trafficmirror"]
  }
}
CONFIGURATION

# A lock file holds the checksum of the build that it was made with, and init refuses any other of the same version.
rm -f "$(dirname "$0")"/../../examples/*/.terraform.lock.hcl

cat <<TEXT

The provider is installed in $folder. For Terraform and OpenTofu to find it, either

  export TF_CLI_CONFIG_FILE="$folder/terraform.rc"

or, if you have a CLI configuration of your own (~/.terraformrc or ~/.tofurc), put this into it:

$(sed 's/^/  /' "$folder/terraform.rc")

init then warns that the lock file has a checksum for this platform only, as for each provider that comes from no registry. A folder that was
initialised with an earlier build has the checksum of that one: remove .terraform.lock.hcl there before init.
TEXT
