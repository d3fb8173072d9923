package emulator

import (
	"cmp"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// metadataOptions is how an instance reaches its metadata. What is empty has the default
// value.
type metadataOptions struct {
	HTTPTokens   string `json:"http_tokens,omitempty"`
	HopLimit     int    `json:"http_put_response_hop_limit,omitempty"`
	HTTPEndpoint string `json:"http_endpoint,omitempty"`
	HTTPIPv6     string `json:"http_protocol_ipv6,omitempty"`
	MetadataTags string `json:"instance_metadata_tags,omitempty"`
}

const (
	enabled  = "enabled"
	disabled = "disabled"

	maxHopLimit = 64
)

// readMetadataOptions reads the options whose parameters begin with a prefix
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html).
func readMetadataOptions(q *query.Query, prefix string) metadataOptions {
	m := metadataOptions{
		HTTPTokens:   readChoice(q, prefix+"HttpTokens", "optional", "required"),
		HTTPEndpoint: readChoice(q, prefix+"HttpEndpoint", enabled, disabled),
		HTTPIPv6:     readChoice(q, prefix+"HttpProtocolIpv6", enabled, disabled),
		MetadataTags: readChoice(q, prefix+"InstanceMetadataTags", enabled, disabled),
	}
	if n := q.Int(prefix + "HttpPutResponseHopLimit"); n != nil {
		if *n < 1 || *n > maxHopLimit {
			q.Fail(query.InvalidValue(prefix+"HttpPutResponseHopLimit", strconv.Itoa(*n), "Write a number from 1 to "+strconv.Itoa(maxHopLimit)+"."))
		}
		m.HopLimit = *n
	}
	return m
}

// with returns the options after a change.
func (m metadataOptions) with(change metadataOptions) metadataOptions {
	return metadataOptions{
		HTTPTokens:   cmp.Or(change.HTTPTokens, m.HTTPTokens),
		HopLimit:     cmp.Or(change.HopLimit, m.HopLimit),
		HTTPEndpoint: cmp.Or(change.HTTPEndpoint, m.HTTPEndpoint),
		HTTPIPv6:     cmp.Or(change.HTTPIPv6, m.HTTPIPv6),
		MetadataTags: cmp.Or(change.MetadataTags, m.MetadataTags),
	}
}

// filled returns the options with the default values of EC2. Whether tokens are required
// depends on the image, of which nothing is known (A0151).
func (m metadataOptions) filled() metadataOptions {
	return metadataOptions{HTTPTokens: "optional", HopLimit: 1, HTTPEndpoint: enabled, HTTPIPv6: disabled, MetadataTags: disabled}.with(m)
}

func writeMetadataOptions(x *query.Writer, m metadataOptions, state string) {
	m = m.filled()
	x.Text("state", state)
	x.Text("httpTokens", m.HTTPTokens)
	x.Int("httpPutResponseHopLimit", m.HopLimit)
	x.Text("httpEndpoint", m.HTTPEndpoint)
	x.Text("httpProtocolIpv6", m.HTTPIPv6)
	x.Text("instanceMetadataTags", m.MetadataTags)
}

// metadataFields are the filters of DescribeInstances on the options.
var metadataFields = []field[instance]{
	{"metadata-options.http-endpoint", func(_ *tx, v instance) []string { return oneValue(v.filled().HTTPEndpoint) }},
	{"metadata-options.http-protocol-ipv4", func(_ *tx, v instance) []string { return oneValue(v.filled().HTTPEndpoint) }},
	{"metadata-options.http-protocol-ipv6", func(_ *tx, v instance) []string { return oneValue(v.filled().HTTPIPv6) }},
	{"metadata-options.http-put-response-hop-limit", func(_ *tx, v instance) []string { return oneValue(strconv.Itoa(v.filled().HopLimit)) }},
	{"metadata-options.http-tokens", func(_ *tx, v instance) []string { return oneValue(v.filled().HTTPTokens) }},
	{"metadata-options.instance-metadata-tags", func(_ *tx, v instance) []string { return oneValue(v.filled().MetadataTags) }},
	{"metadata-options.state", func(*tx, instance) []string { return oneValue("applied") }},
}

func modifyMetadataOptions(q *query.Query) operation {
	id := instances.needID(q, "InstanceId")
	change := readMetadataOptions(q, "")
	return changeInstance(id, func(t *tx, x *query.Writer, v *instance) error {
		v.metadataOptions = v.with(change)
		x.Text("instanceId", id)
		x.In("instanceMetadataOptions", func() { writeMetadataOptions(x, v.metadataOptions, "pending") })
		return nil
	})
}
