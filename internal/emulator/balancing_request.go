package emulator

import (
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// balancingID returns the 16 hexadecimal digits at the end of an ARN of a new object.
func balancingID(t *tx) string {
	id := t.newID("")
	return id[max(0, len(id)-16):]
}

// balancingARN returns the ARN of an object of this account and Region, such as
// "targetgroup/NAME/ID".
func balancingARN(t *tx, resource string) string {
	return mirror.BalancingARN(mirror.PartitionOf(t.region), t.region, t.account, resource)
}

// isBalancingARN reports whether a text has the form of an ARN of Elastic Load Balancing, of a
// resource such as "loadbalancer".
func isBalancingARN(text, resource string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == query.BalancingService && strings.HasPrefix(parts[5], resource+"/")
}

// needBalancingARN reads an ARN that must be given.
func needBalancingARN(q *query.Query, name, resource string) string {
	arn := q.NeedText(name)
	if arn != "" {
		refuseOtherARN(q, arn, resource)
	}
	return arn
}

func refuseOtherARN(q *query.Query, arn, resource string) {
	if !isBalancingARN(arn, resource) {
		q.Fail(query.Refuse("ValidationError", "'%s' is not a valid %s ARN", arn, resource))
	}
}

// readBalancingARNs reads a list of ARNs. Each is there once, in order. A list without members is nil.
func readBalancingARNs(q *query.Query, name, resource string, most int) []string {
	arns := q.Texts(name)
	if len(arns) == 0 {
		return nil
	}
	for _, arn := range arns {
		refuseOtherARN(q, arn, resource)
	}
	refuseMany(q, name, arns, most)
	slices.Sort(arns)
	return slices.Compact(arns)
}

func refuseMany(q *query.Query, name string, texts []string, most int) {
	if len(texts) > most {
		q.Fail(query.Refuse("ValidationError", "The list %s has %d members. It can have %d.", name, len(texts), most))
	}
}

// checkBalancingName refuses the name of a load balancer or of a target group. What is "Load
// balancer" in the messages
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html).
func checkBalancingName(what, name string) error {
	isOther := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}
	switch {
	case name == "":
		return query.Refuse("ValidationError", "%s name cannot be empty. Write up to 32 letters, digits and hyphens.", what)
	case len(name) > 32:
		return query.Refuse("ValidationError", "%s name '%s' cannot be longer than '32' characters", what, name)
	case strings.ContainsFunc(name, isOther):
		return query.Refuse("ValidationError", "%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)", what, name)
	case name[0] == '-' || name[len(name)-1] == '-':
		return query.Refuse("ValidationError", "%s name '%s' cannot begin or end with a hyphen(-)", what, name)
	}
	return nil
}

// readAttributes reads the list Attributes. Each key is there once.
func readAttributes(q *query.Query) map[string]string {
	m := map[string]string{}
	for _, member := range q.Items("Attributes") {
		key := q.NeedText(member + ".Key")
		if _, twice := m[key]; twice {
			q.Fail(query.Refuse("ValidationError", "The attribute key '%s' is in the request more than once", key))
		}
		m[key] = q.Text(member + ".Value")
	}
	if len(m) == 0 {
		q.Fail(query.Missing("Attributes"))
	}
	return m
}

// readBalancingTags reads the list Tags.
func readBalancingTags(q *query.Query) map[string]string {
	m := map[string]string{}
	for _, member := range q.Items("Tags") {
		key := q.NeedText(member + ".Key")
		if _, twice := m[key]; twice {
			q.Fail(query.Refuse("DuplicateTagKeys", "A tag key was specified more than once: '%s'", key))
		}
		m[key] = q.Text(member + ".Value")
	}
	q.Fail(refuseBalancingTags(m))
	return m
}

// refuseBalancingTags returns the error for the tags of an object, or nil.
func refuseBalancingTags(m map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if mirror.IsReservedTag(key) {
			return query.Refuse("ValidationError", "The tag key '%s' is not valid. Tag keys cannot start with %s", key, mirror.ReservedTagPrefix)
		}
	}
	ps := mirror.ValidateTags(m)
	switch {
	case ps == nil:
		return nil
	case ps[0].Kind == mirror.Limit:
		return query.Refuse("TooManyTags", "A resource can have at most %d tags", mirror.MaxTags)
	}
	return query.Refuse("ValidationError", "%s. %s", ps[0].Field+" "+ps[0].Wrong, ps[0].Fix)
}

// writeBalancingMap writes a list of keys and values.
func writeBalancingMap(x *query.Writer, name string, m map[string]string) {
	query.List(x, name, slices.Sorted(maps.Keys(m)), func(key string) {
		x.Text("Key", key)
		x.Text("Value", m[key])
	})
}
