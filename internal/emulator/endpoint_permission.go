package emulator

import (
	"regexp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// Permissions say which accounts, users and roles may find a service. The account itself
// needs none. There is no other account here that could ask, so that they decide nothing.

// principal is who has a permission.
var principal = regexp.MustCompile(`^(\*|[0-9]{12}|arn:[^:]+:(iam|organizations):[^:]*:[0-9]*:.+|[a-z0-9.-]+\.amazonaws\.com)$`)

func principalType(text string) string {
	switch {
	case text == "*":
		return "All"
	case strings.Contains(text, ":user/"):
		return "User"
	case strings.Contains(text, ":role/"):
		return "Role"
	case strings.Contains(text, ":organizations:"):
		return "OrganizationUnit"
	case strings.HasSuffix(text, ".amazonaws.com"):
		return "Service"
	}
	return "Account"
}

func readPrincipals(q *query.Query, name string) []string {
	texts := q.List(name)
	for _, text := range texts {
		if !principal.MatchString(text) {
			q.Fail(query.Refuse("InvalidPrincipal", "The principal '%s' is not valid. Write an ARN such as arn:aws:iam::123456789012:root, or *.", text))
		}
	}
	return texts
}

func modifyPermissions(q *query.Query) operation {
	id := endpointServices.needID(q, "ServiceId")
	added, removed := readPrincipals(q, "AddAllowedPrincipals"), readPrincipals(q, "RemoveAllowedPrincipals")
	return func(t *tx, x *query.Writer) error {
		v, err := endpointServices.need(t, id)
		if err != nil {
			return err
		}
		before := v.AllowedPrincipals
		v.AllowedPrincipals = changedList(before, added, removed)
		endpointServices.put(t, id, v)
		x.In("addedPrincipalSet", func() {
			for _, text := range v.AllowedPrincipals {
				if !slices.Contains(before, text) {
					x.In("item", func() { writePrincipal(x, id, text) })
				}
			}
		})
		x.Bool("return", true)
		return nil
	}
}

func writePrincipal(x *query.Writer, serviceID, text string) {
	x.Text("principal", text)
	x.Text("principalType", principalType(text))
	x.Text("servicePermissionId", derivedID("vpce-svc-perm-", serviceID+text))
	x.Text("serviceId", serviceID)
}

// describePermissions has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServicePermissions.html).
func describePermissions(q *query.Query) operation {
	id := endpointServices.needID(q, "ServiceId")
	l := q.Listing()
	l.Allow(q, []string{"principal", "principal-type"}, false)
	return func(t *tx, x *query.Writer) error {
		v, err := endpointServices.need(t, id)
		if err != nil {
			return err
		}
		items := func(yield func(string, string) bool) {
			// A topology has them in any order, and a page begins after the last one of the page before.
			for _, text := range slices.Compact(slices.Sorted(slices.Values(v.AllowedPrincipals))) {
				if text > l.After && !yield(text, text) {
					return
				}
			}
		}
		match := func(text string) bool {
			return l.Matches(func(name string) []string {
				if name == "principal" {
					return []string{text}
				}
				return []string{principalType(text)}
			})
		}
		query.WritePage(x, l, "allowedPrincipals", items, match, func(text string) { writePrincipal(x, id, text) })
		return nil
	}
}
