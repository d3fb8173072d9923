package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// group returns the picture with at most MaxNodes nodes in a column. In a column with more, the nodes
// of least weight and all nodes without weight are one node, with their links.
func (s Sankey) group() (Sankey, error) {
	if _, err := s.check(); err != nil {
		return s, err
	}
	limit := s.MaxNodes
	if limit <= 0 {
		limit = maxNodes
	}
	weights, grouped := s.weights(), map[string]string{}
	columns := slices.Clone(s.Columns)
	for i, c := range columns {
		if len(c.Nodes) > limit {
			columns[i] = s.groupColumn(i, limit, weights, grouped)
		}
	}
	if len(grouped) > 0 {
		s.Links = mergeLinks(s.Links, grouped)
	}
	s.Columns = columns
	return s, nil
}

// groupColumn keeps the nodes of most weight in their order.
func (s Sankey) groupColumn(at, limit int, weights map[string]int64, grouped map[string]string) Column {
	c := s.Columns[at]
	byWeight := slices.Clone(c.Nodes)
	slices.SortStableFunc(byWeight, func(a, b Node) int { return cmp.Compare(weights[b.Key], weights[a.Key]) })
	keep := 0
	for keep < limit-1 && weights[byWeight[keep].Key] > 0 {
		keep++
	}
	rest := byWeight[keep:]
	more := Node{Key: fmt.Sprintf("\x00more %d", at), Label: strings.TrimSpace(fmt.Sprintf("and %s more %s", wording.Grouped(len(rest)), c.More)), Kind: rest[0].Kind}
	zero := int64(0)
	for _, n := range rest {
		grouped[n.Key] = more.Key
		if n.Kind != more.Kind {
			more.Kind = Other
		}
		if weights[n.Key] == 0 {
			zero++
		}
	}
	if zero > 0 && weights[rest[0].Key] > 0 {
		more.Detail = fmt.Sprintf("%s of them %s", wording.Grouped(zero), s.zero())
	}
	kept := Column{Title: c.Title}
	for _, n := range c.Nodes {
		if _, isGrouped := grouped[n.Key]; !isGrouped {
			kept.Nodes = append(kept.Nodes, n)
		}
	}
	kept.Nodes = append(kept.Nodes, more)
	return kept
}

// mergeLinks adds up the links of nodes that are grouped.
func mergeLinks(links []Link, grouped map[string]string) []Link {
	type ends struct{ from, to string }
	index := map[ends]int{}
	var merged []Link
	for _, l := range links {
		if more, isGrouped := grouped[l.From]; isGrouped {
			l.From = more
		}
		if more, isGrouped := grouped[l.To]; isGrouped {
			l.To = more
		}
		at := ends{l.From, l.To}
		if i, known := index[at]; known {
			merged[i].Weight += l.Weight
			continue
		}
		index[at] = len(merged)
		merged = append(merged, l)
	}
	return merged
}
