package query

import (
	"strconv"
	"sync"
)

// This file reads and writes lists, tags and pages as Elastic Load Balancing has them
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html).

// Items returns the members of a list: for "Subnets", the names "Subnets.member.1",
// "Subnets.member.2". Clients give a list without members as an empty text.
func (q *Query) Items(name string) []string {
	if text := q.Text(name); text != "" {
		q.Fail(InvalidValue(name, text, "Write a list: "+name+".member.1."))
	}
	return q.Members(name + ".member")
}

// Texts reads a list of texts. It is nil if the list is not given, and not nil for a list without
// members.
func (q *Query) Texts(name string) []string {
	var texts []string
	if q.Has(name) {
		texts = []string{}
	}
	for _, member := range q.Items(name) {
		texts = append(texts, q.NeedText(member))
	}
	return texts
}

// pages of Elastic Load Balancing have up to 400 objects, which is also the default.
var balancingResults = results{1, 400, false}

// Markers reads the page that a describe of Elastic Load Balancing asks for.
func (q *Query) Markers() Listing {
	l := Listing{limit: balancingResults.max, steps: new(maxSteps), item: "member", next: "NextMarker"}
	if n := q.Int("PageSize"); n != nil {
		if *n < balancingResults.min || *n > balancingResults.max {
			q.Fail(InvalidValue("PageSize", strconv.Itoa(*n), "Write a number from 1 to 400."))
		}
		l.limit = *n
	}
	l.binding = sync.OnceValue(q.binding)
	if marker := q.Text("Marker"); marker != "" {
		after, ok := readPageToken(marker, l.binding())
		if !ok {
			q.Fail(Refuse("ValidationError", "The marker '%s' is not valid for this request", shortened(marker)))
		}
		l.After = after
	}
	return l
}

// List writes a list.
func List[T any](x *Writer, name string, items []T, write func(T)) {
	x.In(name, func() {
		for _, item := range items {
			x.In("member", func() { write(item) })
		}
	})
}

// Texts writes a list of texts.
func (x *Writer) Texts(name string, texts []string) {
	x.In(name, func() {
		for _, text := range texts {
			x.Text("member", text)
		}
	})
}
