package topology

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// filterDocument is a filter.json as it is written: a filter of a mirror.json, and where its
// schema is.
type filterDocument struct {
	Schema          string                  `json:"$schema"`
	NetworkServices []mirror.NetworkService `json:"network_services"`
	IngressRules    map[string]ruleFile     `json:"ingress_rules"`
	EgressRules     map[string]ruleFile     `json:"egress_rules"`
}

// ParseFilter reads a filter.json: an object with network_services, ingress_rules and
// egress_rules, as a filter in a mirror.json. The problems are values that are allowed but
// probably wrong.
func ParseFilter(text []byte) (mirror.Filter, mirror.Problems, error) {
	var d filterDocument
	if err := decode(text, &d); err != nil {
		return mirror.Filter{}, nil, err
	}
	filter, problems := filterFile{d.NetworkServices, d.IngressRules, d.EgressRules}.noun()
	return filter, problems, problems.Err()
}

// FilterSchema returns the JSON schema of filter.json. ParseFilter also checks what a schema
// cannot express.
func FilterSchema() []byte { return publish(filterDocumentSchema(), "filter.json", FilterExample) }

func filterDocumentSchema() *jsonSchema {
	s := filterSchema()
	s.Description = "A traffic mirror filter. What no rule accepts is not mirrored."
	s.Properties["$schema"] = whereSchema()
	return s
}

// FilterExample is a filter.json that mirrors Amazon DNS and TLS.
const FilterExample = `{
  "network_services": ["amazon-dns"],
  "ingress_rules": {
    "100": {
      "rule_action": "accept",
      "protocol": "tcp",
      "source_cidr_block": "0.0.0.0/0",
      "destination_cidr_block": "0.0.0.0/0",
      "source_port_range": { "from_port": 0, "to_port": 65535 },
      "destination_port_range": { "from_port": 443, "to_port": 443 },
      "description": "TLS"
    }
  },
  "egress_rules": {}
}
`
