package function

import (
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	targetMTUs = mirror.Range{Min: mirror.LeastMTU, Max: 1<<16 - 1}
	ipVersions = []string{"ipv4", "ipv6"}
)

var maxSourceMTU = pure{
	name:    "max_source_mtu",
	summary: "The highest MTU of a mirror source whose packets a target gets uncut",
	description: "Returns the highest MTU in bytes that a mirror source may have, so that no copy to a target on a network interface is cut. It is the MTU of the target less 54 bytes, " +
		"or less 74 bytes if the target has an IPv6 address (assumption A0105 in [the guide](../guides/assumptions.md)). With a higher MTU, long packets arrive cut.",
	parameters: []function.Parameter{
		function.Int64Parameter{Name: "target_mtu", MarkdownDescription: "MTU of the target's network interface in bytes, " + targetMTUs.String() + ", such as 9001."},
		function.StringParameter{Name: "ip_version", MarkdownDescription: "IP version of the target's address: `ipv4` or `ipv6`."},
	},
	result: types.NumberType,
	run: func(arguments []attr.Value) (attr.Value, error) {
		mtu, version := arguments[0].(types.Int64), arguments[1].(types.String)
		if mtu.IsUnknown() || version.IsUnknown() {
			return nil, nil
		}
		if err := wrongArgument(0, targetMTUs.Check("", mtu.ValueInt64())); err != nil {
			return nil, err
		}
		if !slices.Contains(ipVersions, version.ValueString()) {
			return nil, wrongArgument(1, mirror.Problems{{Kind: mirror.Invalid, Wrong: "is " + describe(version), Fix: `Write "ipv4" or "ipv6".`}})
		}
		longest := dataplane.MaxSourceMTU(int(mtu.ValueInt64()), version.ValueString() == ipVersions[1])
		return types.NumberValue(new(big.Float).SetInt64(int64(longest))), nil
	},
}
