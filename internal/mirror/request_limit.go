package mirror

import "strings"

// RequestLimit is how many requests of one action EC2 answers for an account in a Region: a
// bucket of tokens, and how many it gets back in a second. A request takes one.
type RequestLimit struct {
	Burst     float64
	PerSecond float64
}

// The limits of EC2 by the kind of an action
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
var (
	LimitOfDescribe = RequestLimit{100, 20}
	LimitOfWholeSet = RequestLimit{50, 10} // of some describes that neither filter nor paginate
	LimitOfChange   = RequestLimit{50, 5}
	LimitOfTagging  = RequestLimit{100, 10}
)

// limitedWholeSets are the describes that have LimitOfWholeSet.
var limitedWholeSets = map[string]bool{
	"DescribeInstances": true, "DescribeInstanceStatus": true, "DescribeNetworkInterfaces": true, "DescribeSecurityGroups": true, "DescribeVolumes": true,
}

// RequestLimitOf returns the limit of an action, and the bucket that a request takes its
// token from. isWholeSet says that a describe neither filters nor paginates. Actions that
// the provider does not use may have other limits.
func RequestLimitOf(action string, isWholeSet bool) (bucket string, limit RequestLimit) {
	switch {
	case isWholeSet && limitedWholeSets[action]:
		return action + " of everything", LimitOfWholeSet
	case strings.HasPrefix(action, "Describe"):
		return action, LimitOfDescribe
	case action == "CreateTags" || action == "DeleteTags":
		return action, LimitOfTagging
	}
	return action, LimitOfChange
}
