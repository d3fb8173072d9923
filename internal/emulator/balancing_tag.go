package emulator

import (
	"maps"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// maxTaggedARNs is how many resources a request about tags can name.
const maxTaggedARNs = 20

// tagged is an object of Elastic Load Balancing that can have tags.
type tagged struct {
	resource string // in its ARN
	of       registered
	code     string // if it does not exist
}

func taggedKinds() []tagged {
	return []tagged{
		{balancerResource, loadBalancers, "LoadBalancerNotFound"},
		{listenerResource, listeners, "ListenerNotFound"},
		{groupResource, targetGroups, "TargetGroupNotFound"},
	}
}

// readTaggedARNs reads the list ResourceArns.
func readTaggedARNs(q *query.Query) []string {
	arns := q.Texts("ResourceArns")
	if len(arns) == 0 {
		q.Fail(query.Missing("ResourceArns"))
	}
	refuseMany(q, "ResourceArns", arns, maxTaggedARNs)
	for _, arn := range arns {
		if kindOfARN(arn) == nil {
			q.Fail(query.Refuse("ValidationError", "'%s' is not a valid load balancer, listener or target group ARN", arn))
		}
	}
	return arns
}

func kindOfARN(arn string) *tagged {
	for _, k := range taggedKinds() {
		if isBalancingARN(arn, k.resource) {
			return &k
		}
	}
	return nil
}

// needTagged refuses ARNs that no object has.
func needTagged(t *tx, arns []string) error {
	for _, arn := range arns {
		if k := kindOfARN(arn); !k.of.has(t, arn) { // readTaggedARNs has refused other ARNs
			return query.Refuse(k.code, "The resource '%s' does not exist", arn)
		}
	}
	return nil
}

func addBalancingTags(q *query.Query) operation {
	arns, added := readTaggedARNs(q), readBalancingTags(q)
	if len(added) == 0 {
		q.Fail(query.Missing("Tags"))
	}
	return func(t *tx, _ *query.Writer) error {
		if err := needTagged(t, arns); err != nil {
			return err
		}
		for _, arn := range arns {
			m := maps.Clone(tagsOf(t, arn))
			if m == nil {
				m = map[string]string{}
			}
			maps.Copy(m, added)
			if len(withoutReservedTags(m)) > mirror.MaxTags {
				return query.Refuse("TooManyTags", "A resource can have at most %d tags", mirror.MaxTags)
			}
			setTags(t, arn, m)
		}
		return t.err
	}
}

func removeBalancingTags(q *query.Query) operation {
	arns, keys := readTaggedARNs(q), q.Texts("TagKeys")
	if len(keys) == 0 {
		q.Fail(query.Missing("TagKeys"))
	}
	for _, key := range keys {
		if mirror.IsReservedTag(key) {
			q.Fail(query.Refuse("ValidationError", "The tag key '%s' is not valid. Tag keys cannot start with %s", key, mirror.ReservedTagPrefix))
		}
	}
	return func(t *tx, _ *query.Writer) error {
		if err := needTagged(t, arns); err != nil {
			return err
		}
		for _, arn := range arns {
			m := maps.Clone(tagsOf(t, arn))
			for _, key := range keys {
				delete(m, key)
			}
			setTags(t, arn, m)
		}
		return t.err
	}
}

func describeBalancingTags(q *query.Query) operation {
	arns := readTaggedARNs(q)
	return func(t *tx, x *query.Writer) error {
		if err := needTagged(t, arns); err != nil {
			return err
		}
		query.List(x, "TagDescriptions", arns, func(arn string) {
			x.Text("ResourceArn", arn)
			writeBalancingMap(x, "Tags", tagsOf(t, arn))
		})
		return t.err
	}
}
