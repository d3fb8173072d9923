package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// codes are the error codes that name a kind of object.
type codes struct{ malformed, notFound, noun string }

// kindCodes follows the spellings that clients of EC2 match, which for Traffic
// Mirroring are not the documented ones (A0020); its codes for malformed IDs are
// formed like those of other kinds (A0021).
var kindCodes = map[mirror.Kind]codes{
	mirror.KindTarget:     {"InvalidTrafficMirrorTargetId.Malformed", "InvalidTrafficMirrorTargetId.NotFound", "traffic mirror target"},
	mirror.KindFilter:     {"InvalidTrafficMirrorFilterId.Malformed", "InvalidTrafficMirrorFilterId.NotFound", "traffic mirror filter"},
	mirror.KindFilterRule: {"InvalidTrafficMirrorFilterRuleId.Malformed", "InvalidTrafficMirrorFilterRuleId.NotFound", "traffic mirror filter rule"},
	mirror.KindSession:    {"InvalidTrafficMirrorSessionId.Malformed", "InvalidTrafficMirrorSessionId.NotFound", "traffic mirror session"},
	mirror.KindInterface:  {"InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound", "networkInterface"},
	mirror.KindEndpoint:   {"InvalidVpcEndpointId.Malformed", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint"},
	mirror.KindVPC:        {"InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "vpc"},
	mirror.KindSubnet:     {"InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound", "subnet"},
	mirror.KindInstance:   {"InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "instance"},
	mirror.KindGroup:      {"InvalidGroupId.Malformed", "InvalidGroup.NotFound", "security group"},
}

func malformedID(kind mirror.Kind, id string) error {
	return query.Refuse(kindCodes[kind].malformed, `Invalid id: "%s" (expecting "%s...")`, id, kind.Prefix)
}

func notFound(kind mirror.Kind, ids ...string) error {
	c := kindCodes[kind]
	if len(ids) == 1 {
		return query.Refuse(c.notFound, "The %s ID '%s' does not exist", c.noun, ids[0])
	}
	return query.Refuse(c.notFound, "The %s IDs '%s' do not exist", c.noun, strings.Join(ids, ", "))
}

func readID(q *query.Query, name string, kind mirror.Kind) string {
	id := q.Text(name)
	if id != "" && !kind.Is(id) {
		q.Fail(malformedID(kind, id))
	}
	return id
}

func readOptID(q *query.Query, name string, kind mirror.Kind) *string {
	if !q.Has(name) {
		return nil
	}
	return new(needID(q, name, kind))
}

func needID(q *query.Query, name string, kind mirror.Kind) string {
	if q.NeedText(name) == "" {
		return ""
	}
	return readID(q, name, kind)
}

// readIDs reads a numbered list of IDs, each once, in their order.
func readIDs(q *query.Query, name string, kind mirror.Kind) []string {
	ids := q.List(name)
	for _, id := range ids {
		if !kind.Is(id) {
			q.Fail(malformedID(kind, id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
