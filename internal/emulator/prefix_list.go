package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// prefixLists has the prefix lists of topology files. No request creates or changes one.
var prefixLists = &collection[mirror.PrefixList]{
	traits: traits{
		bucket:   "prefix_lists",
		kind:     kind{mirror.KindPrefixList, "InvalidPrefixListId.Malformed", "InvalidPrefixListId.NotFound", "prefix list"},
		taggable: true,
	},
	idOf:  func(v mirror.PrefixList) string { return v.ID },
	owner: func(v mirror.PrefixList) string { return v.OwnerID },
}

// prefixListDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeManagedPrefixLists.html).
var prefixListDescriber = describer[mirror.PrefixList]{
	of:      prefixLists,
	set:     "prefixListSet",
	ids:     "PrefixListId",
	idField: "prefix-list-id",
	fields: []field[mirror.PrefixList]{
		{"owner-id", func(t *tx, v mirror.PrefixList) []string { return oneValue(ownerOfList(t, v)) }},
		{"prefix-list-name", func(_ *tx, v mirror.PrefixList) []string { return oneValue(v.Name) }},
	},
	write: func(t *tx, x *query.Writer, _ string, v mirror.PrefixList) {
		x.Text("prefixListId", v.ID)
		x.Text("addressFamily", familyOf(v))
		x.Text("state", "create-complete")
		x.Text("prefixListArn", mirror.KindPrefixList.ARN(mirror.PartitionOf(t.region), t.region, ownerOfList(t, v), v.ID))
		x.Text("prefixListName", v.Name)
		x.Int("maxEntries", max(len(v.Entries), 1))
		x.Int("version", 1)
		x.Text("ownerId", ownerOfList(t, v))
		writeTagSet(x, tagsOf(t, v.ID))
	},
}

func ownerOfList(t *tx, v mirror.PrefixList) string {
	if v.OwnerID == "" {
		return t.account
	}
	return v.OwnerID
}

func familyOf(v mirror.PrefixList) string {
	if len(v.Entries) > 0 && v.Entries[0].CIDR.Addr().Is6() {
		return "IPv6"
	}
	return "IPv4"
}

// prefixListEntries answers with all entries in one page. A version is always the present one.
func prefixListEntries(q *query.Query) operation {
	id := prefixLists.needID(q, "PrefixListId")
	q.Int("TargetVersion")
	q.Unpaged().Allow(q, nil, false)
	q.Int("MaxResults")
	return func(t *tx, x *query.Writer) error {
		v, err := prefixLists.need(t, id)
		if err != nil {
			return err
		}
		x.In("entrySet", func() {
			for _, e := range v.Entries {
				x.In("item", func() {
					x.Text("cidr", e.CIDR.String())
					x.OptText("description", e.Description)
				})
			}
		})
		return nil
	}
}

func loadPrefixLists(t *tx, f *topology.File) {
	for _, v := range f.PrefixLists {
		addTags(t, v.ID, v.Tags)
		v.Tags = nil
		prefixLists.put(t, v.ID, v)
	}
}
