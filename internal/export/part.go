package export

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A part is something of the objects of a list that one action shows, and that can be refused on
// its own.
type part struct {
	list, what, action string
	of                 []string // the objects whose part is unknown
}

// noteParts says which parts of objects could not be read. In the file, they are unknown.
func (r *reader) noteParts() {
	for _, p := range append(balancingParts(r), otherParts(r)...) {
		if len(p.of) == 0 {
			continue
		}
		r.partly(p.list)
		of := p.of[0]
		if len(p.of) > 1 {
			of = fmt.Sprintf("%d objects of %s, such as %s", len(p.of), p.list, of)
		}
		r.note("%s of %s could not be read, and are not in the file. Allow %s", p.what, of, p.action)
	}
}

func balancingParts(r *reader) []part {
	listeners := part{list: "load_balancers", what: "the listeners", action: "elasticloadbalancing:DescribeListeners"}
	attributes := part{list: "load_balancers", what: "the attributes", action: "elasticloadbalancing:DescribeLoadBalancerAttributes"}
	ofListeners := part{list: "load_balancers", what: "the attributes of the listeners", action: "elasticloadbalancing:DescribeListenerAttributes"}
	tags := part{list: "load_balancers", what: "the tags", action: "elasticloadbalancing:DescribeTags"}
	for _, v := range r.file.LoadBalancers {
		listeners.add(v.Listeners == nil, v.ARN)
		attributes.add(v.CrossZone == nil, v.ARN)
		tags.add(v.Tags == nil, v.ARN)
		for _, l := range v.Listeners {
			ofListeners.add(l.Attributes == nil, l.ARN)
		}
	}
	targets := part{list: "target_groups", what: "the registered targets", action: "elasticloadbalancing:DescribeTargetHealth"}
	groupAttributes := part{list: "target_groups", what: "the attributes", action: "elasticloadbalancing:DescribeTargetGroupAttributes"}
	groupTags := part{list: "target_groups", what: "the tags", action: tags.action}
	for _, v := range r.file.TargetGroups {
		targets.add(v.Targets == nil, v.ARN)
		groupAttributes.add(v.Attributes == nil, v.ARN)
		groupTags.add(v.Tags == nil, v.ARN)
	}
	return []part{listeners, attributes, ofListeners, tags, targets, groupAttributes, groupTags}
}

func otherParts(r *reader) []part {
	principals := part{list: "vpc_endpoint_services", what: "the principals", action: "ec2:DescribeVpcEndpointServicePermissions"}
	for _, v := range r.file.EndpointServices {
		principals.add(v.AllowedPrincipals == nil, v.ID)
	}
	rules := part{list: "security_groups", what: "the IDs and tags of the rules", action: "ec2:DescribeSecurityGroupRules"}
	for _, v := range r.file.SecurityGroups {
		rules.add(hasUnnamed(v.Rules), v.ID)
	}
	return []part{principals, rules}
}

func hasUnnamed(rules []mirror.SecurityGroupRule) bool {
	for _, r := range rules {
		if r.ID == "" {
			return true
		}
	}
	return false
}

func (p *part) add(isUnknown bool, id string) {
	if isUnknown {
		p.of = append(p.of, id)
	}
}
