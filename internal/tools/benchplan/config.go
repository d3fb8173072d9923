//go:build unix

package main

import (
	"fmt"
	"strings"
)

// An ID in the configuration is a literal: a reference to a resource with many instances
// makes Terraform decode all of them for each reference, which is a time of its own.
var resources = map[string]string{
	kindFilter: `resource "PREFIXfilter" "NAME" {
  count = COUNT

  description = "filter"
  tags        = { Name = "bench" }
REGION}
`,
	kindRule: `resource "PREFIXfilter_rule" "NAME" {
  count = COUNT

  traffic_mirror_filter_id = format("tmf-%017x", floor((INDEX) / 10) + 1)
  traffic_direction        = "ingress"
  rule_number              = (INDEX) % 10 + 1
  rule_action              = "accept"
  source_cidr_block        = "10.0.0.0/8"
  destination_cidr_block   = "0.0.0.0/0"
REGION}
`,
	kindTarget: `resource "PREFIXtarget" "NAME" {
  count = COUNT

  network_interface_id = format("eni-f%016x", INDEX + 1)
  tags                 = { Name = "bench" }
REGION}
`,
	kindSession: `resource "PREFIXsession" "NAME" {
  count = COUNT

  network_interface_id     = format("eni-%017x", INDEX + 1)
  traffic_mirror_target_id = format("tmt-%017x", (INDEX) % TARGETS + 1)
  traffic_mirror_filter_id = format("tmf-%017x", (INDEX) % FILTERS + 1)
  session_number           = 1
  tags                     = { Name = "bench" }
REGION}
`,
	kindFloor: `resource "terraform_data" "NAME" {
  count = COUNT
  input = "a value"
}
`,
}

// kindFloor is what Terraform has without a plugin: it shows what a plan of so many
// objects takes at least.
const kindFloor = ""

const settings = `
provider %q {
  region                      = %q
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = "true"
%s}
`

// config is the configuration of a world: a resource of each kind, or one for each
// Region if the provider needs a block for each.
func (w world) config(c *contestant) string {
	var out strings.Builder
	if c.source != "" {
		fmt.Fprintf(&out, "terraform {\n  required_providers {\n    %s = { source = %q }\n  }\n}\n", c.local, c.source)
		fmt.Fprintf(&out, settings, c.local, regions[0], "")
	}
	for i, region := range regions[:w.blocks(c)] {
		if i > 0 {
			fmt.Fprintf(&out, settings, c.local, region, "  alias                       = \""+blockName(i)+"\"\n")
		}
	}
	if w.inOneBlock(c) {
		fmt.Fprintf(&out, "\nlocals {\n  regions = [\"%s\"]\n}\n", strings.Join(regions[:w.regions], `", "`))
	}
	for _, kind := range w.managed {
		for i := range w.blocks(c) {
			out.WriteString("\n" + w.resource(c, kind, i))
		}
	}
	return out.String()
}

// inOneBlock reports whether the resources say in which of several Regions they are.
func (w world) inOneBlock(c *contestant) bool { return w.regions > 1 && c.regions }

// blocks is how many provider blocks the world needs.
func (w world) blocks(c *contestant) int {
	if c.regions || c.source == "" {
		return 1
	}
	return w.regions
}

// blockName is the name of a provider block and of its resources.
func blockName(i int) string { return strings.ReplaceAll(regions[i], "-", "_") }

func (w world) resource(c *contestant, kind string, block int) string {
	blocks, region := w.blocks(c), ""
	index := "count.index"
	if blocks > 1 {
		index = fmt.Sprintf("count.index * %d + %d", blocks, block)
	}
	switch {
	case w.inOneBlock(c):
		region = "  region = local.regions[count.index % length(local.regions)]\n"
	case block > 0:
		region = fmt.Sprintf("  provider = %s.%s\n", c.local, blockName(block))
	}
	return strings.NewReplacer(
		"PREFIX", c.prefix, "NAME", blockName(block), "COUNT", fmt.Sprint(w.count(kind)/blocks), "INDEX", index, "REGION", region,
		"TARGETS", fmt.Sprint(max(w.targets, 1)), "FILTERS", fmt.Sprint(max(w.filters, 1)),
	).Replace(resources[kind])
}
