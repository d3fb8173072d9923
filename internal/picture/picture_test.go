package picture_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// hostile is a text that ends attributes, elements, comments and sections, if it is not escaped.
const hostile = `"'><script>alert(1)</script><!-- ]]> &amp; --><b onload=x>` + "\x00\x1b\n\ufffe"

// element is an element of a picture.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) float(t *testing.T, name string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(e.attr(name), 64)
	if err != nil {
		t.Fatalf("%s: %s is %q", e.XMLName.Local, name, e.attr(name))
	}
	return x
}

// all returns the element and all elements in it.
func (e element) all() []element {
	list := []element{e}
	for _, c := range e.Children {
		list = append(list, c.all()...)
	}
	return list
}

// named returns the elements with a name, and with a class unless it is "".
func (e element) named(name, class string) []element {
	var list []element
	for _, c := range e.all() {
		if c.XMLName.Local == name && (class == "" || strings.Contains(" "+c.attr("class")+" ", " "+class+" ")) {
			list = append(list, c)
		}
	}
	return list
}

// parse reads a picture as strict XML, and checks what is true of all pictures.
func parse(t *testing.T, text string) element {
	t.Helper()
	var root element
	decoder := xml.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(&root); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("there is something behind the picture: %v", err)
	}
	ids := map[string]bool{}
	for _, e := range root.all() {
		if name := e.XMLName.Local; name == "script" || name == "style" || name == "b" {
			t.Errorf("there is an element %s", name)
		}
		for _, a := range e.Attrs {
			if name := a.Name.Local; name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("there is an attribute %s", name)
			}
		}
		if id := e.attr("id"); id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %q", id)
			}
			ids[id] = true
		}
	}
	for _, e := range root.named("use", "") {
		if !ids[strings.TrimPrefix(e.attr("href"), "#")] {
			t.Errorf("there is no element %s", e.attr("href"))
		}
	}
	for _, of := range []string{"aria-labelledby", "aria-describedby"} {
		if !ids[root.attr(of)] {
			t.Errorf("%s names no element", of)
		}
	}
	return root
}

func svgOf(t *testing.T, s picture.Sankey) element {
	t.Helper()
	text, err := s.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := s.SVG(); again != text {
		t.Error("the same picture has two texts")
	}
	return parse(t, text)
}

func TestSankey_hostile(t *testing.T) {
	t.Parallel()
	s := picture.Sankey{
		ID: "a", Title: hostile, Description: hostile, Unit: hostile, Zero: hostile,
		Columns: []picture.Column{
			{Title: hostile, Nodes: []picture.Node{{Key: hostile, Label: hostile, Detail: hostile, Href: "/x?" + hostile}}},
			{Nodes: []picture.Node{{Key: "b", Label: hostile}, {Key: "c"}}},
		},
		Links: []picture.Link{{From: hostile, To: "b", Weight: 3}},
	}
	if title := svgOf(t, s).named("title", "")[0].Text; !strings.HasPrefix(title, `"'><script>alert(1)</script><!-- ]]> &amp; -->`) {
		t.Errorf("the title is %q", title)
	}
	h := picture.Histogram{ID: "h", Title: hostile, Description: hostile, Size: hostile, Unit: hostile, Bars: []picture.Bar{{0, 1, 1}}, Marks: []picture.Mark{{1, hostile}}}
	if role := parse(t, h.SVG()).attr("role"); role != "img" {
		t.Errorf("the role is %q", role)
	}
}

// Neither bars nor labels of a column overlap, with any number of nodes and with any weights.
func TestSankey_noOverlap(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for nodes := 1; nodes <= 90; nodes++ {
		s := random(r, nodes)
		root := svgOf(t, s)
		boxes := map[float64]float64{} // by x: the lower edge of what is drawn last
		drawn := 0
		for _, n := range root.named("g", "node") {
			bar, label := n.named("rect", "bar")[0], n.named("text", "")[0]
			x, y := bar.float(t, "x"), bar.float(t, "y")
			baseline := label.float(t, "y")
			if upper := min(y, baseline-11); upper < boxes[x]-0.2 {
				t.Fatalf("%d nodes: a node at %v %v is above %v", nodes, x, upper, boxes[x])
			}
			boxes[x] = max(y+bar.float(t, "height"), baseline+3)
			if boxes[x] > root.float(t, "height") {
				t.Fatalf("%d nodes: a node ends at %v, outside of the picture", nodes, boxes[x])
			}
			drawn++
		}
		if want := 1 + shown(s, 1) + shown(s, 2); drawn != want {
			t.Errorf("%d nodes: %d are drawn, not %d", nodes, drawn, want)
		}
	}
}

// shown is how many nodes of a column a picture has.
func shown(s picture.Sankey, column int) int {
	nodes := len(s.Columns[column].Nodes)
	if nodes <= 60 {
		return nodes
	}
	weighs := map[string]bool{}
	for _, l := range s.Links {
		if l.Weight > 0 {
			weighs[l.From], weighs[l.To] = true, true
		}
	}
	heavy := 0
	for _, n := range s.Columns[column].Nodes {
		if weighs[n.Key] {
			heavy++
		}
	}
	return min(59, heavy) + 1
}

// random returns a picture whose second column has a number of nodes. Each has its links from the
// first node and to a few of the third column; some have no weight, some links pass a column.
func random(r *rand.Rand, nodes int) picture.Sankey {
	s := picture.Sankey{ID: "r", Title: "random", Columns: []picture.Column{{Nodes: []picture.Node{{Key: "root", Label: "root"}}}, {More: "rules"}, {}}}
	for i := range 1 + nodes/3 {
		s.Columns[2].Nodes = append(s.Columns[2].Nodes, picture.Node{Key: fmt.Sprint("end", i), Label: fmt.Sprint("end ", i)})
	}
	for i := range nodes {
		key := fmt.Sprint("node", i)
		s.Columns[1].Nodes = append(s.Columns[1].Nodes, picture.Node{Key: key, Label: strings.Repeat("rule ", i)})
		if r.IntN(5) == 0 {
			continue
		}
		weight := int64(r.ExpFloat64() * r.ExpFloat64() * 1000)
		s.Links = append(s.Links, picture.Link{From: "root", To: key, Weight: weight},
			picture.Link{From: key, To: fmt.Sprint("end", r.IntN(len(s.Columns[2].Nodes))), Weight: weight})
	}
	s.Links = append(s.Links, picture.Link{From: "root", To: "end0", Weight: r.Int64N(1000)})
	return s
}

// What is grouped is said, and the weights of what is left are the same.
func TestSankey_grouped(t *testing.T) {
	t.Parallel()
	s := picture.Sankey{ID: "g", Columns: []picture.Column{{Nodes: []picture.Node{{Key: "root", Label: "root"}}}, {More: "rules"}}}
	for i := range 70 {
		key := fmt.Sprint(i)
		s.Columns[1].Nodes = append(s.Columns[1].Nodes, picture.Node{Key: key, Label: "rule " + key})
		s.Links = append(s.Links, picture.Link{From: "root", To: key, Weight: int64(i)})
	}
	var last element
	sum := int64(0)
	for _, n := range svgOf(t, s).named("g", "node")[1:] {
		last = n
		count, _ := strconv.ParseInt(strings.ReplaceAll(n.named("tspan", "count")[0].Text, ",", ""), 10, 64)
		sum += count
	}
	if label := last.attr("aria-label"); label != "and 11 more rules: 55 packets: 1 of them never hit" {
		t.Errorf("the last node is %q", label)
	}
	if sum != 70*69/2 {
		t.Errorf("the weights of the nodes are %d", sum)
	}
	if rows := s.Table().Rows; len(rows) != 70 || rows[69][0] != "rule 0" || rows[69][1] != "never hit" {
		t.Errorf("the table has %d rows, the last is %q", len(rows), rows[len(rows)-1])
	}
}

func TestSankey_refused(t *testing.T) {
	t.Parallel()
	columns := []picture.Column{{Nodes: []picture.Node{{Key: "a"}, {Key: "b"}}}, {Nodes: []picture.Node{{Key: "c"}}}}
	for want, s := range map[string]picture.Sankey{
		`two nodes have the key "c"`:                                  {Columns: append(columns, columns[1])},
		`there is a link from "a" to "x", and one of them is no node`: {Columns: columns, Links: []picture.Link{{"a", "x", 1}}},
		`the link from "a" to "b" does not go to a later column`:      {Columns: columns, Links: []picture.Link{{"a", "b", 1}}},
		`the link from "a" to "c" has the weight -1`:                  {Columns: columns, Links: []picture.Link{{"a", "c", -1}}},
	} {
		if _, err := s.SVG(); err == nil || err.Error() != want {
			t.Errorf("the error is %v, not %s", err, want)
		}
	}
}

// A long label is cut, and its node has all of it as its title.
func TestSankey_longLabel(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("accept TCP 東京 ", 20)
	s := picture.Sankey{ID: "l", Columns: []picture.Column{{Nodes: []picture.Node{{Key: "a", Label: long}}}}}
	n := svgOf(t, s).named("g", "node")[0]
	if title := n.named("title", "")[0].Text; title != long+": never hit" {
		t.Errorf("the title is %q", title)
	}
	if text := n.named("text", "")[0].Text; !strings.HasSuffix(text, "… ") || len(text) > 40 {
		t.Errorf("the label is %q", text)
	}
}

// A picture without anything in it is a picture.
func TestEmpty(t *testing.T) {
	t.Parallel()
	svgOf(t, picture.Sankey{ID: "e", Columns: []picture.Column{{Title: "nothing"}}})
	svgOf(t, picture.Sankey{ID: "e"})
	parse(t, picture.Histogram{ID: "h"}.SVG())
	if bars := picture.Buckets(nil, 4, 0); bars != nil {
		t.Errorf("there are bars: %v", bars)
	}
}

// Every count is in the bucket that has its size, and no bucket reaches over a mark.
func TestBuckets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		counts, total := map[int]int64{}, int64(0)
		for range 1 + r.IntN(50) {
			counts[r.IntN(9100)]++
			total++
		}
		marks := []picture.Mark{{At: r.IntN(9100)}, {At: r.IntN(200)}, {At: 1500}}
		perOctave := r.IntN(9)
		bars := picture.Buckets(counts, perOctave, 1+r.IntN(500), marks...)
		sum := int64(0)
		for i, b := range bars {
			sum += b.Count
			want := int64(0)
			for size, n := range counts {
				if b.From <= size && size <= b.To {
					want += n
				}
			}
			switch {
			case b.Count != want:
				t.Fatalf("%+v has not %d", b, want)
			case b.To < b.From, i > 0 && b.From != bars[i-1].To+1:
				t.Fatalf("%+v is behind %+v", b, bars[max(0, i-1)])
			}
			for _, m := range marks {
				if b.From <= m.At && m.At < b.To {
					t.Fatalf("%+v reaches over %d", b, m.At)
				}
			}
		}
		if sum != total {
			t.Fatalf("the bars have %d of %d", sum, total)
		}
	}
	if bars := picture.Buckets(map[int]int64{64: 1, 127: 1}, 4, 0); len(bars) != 4 || bars[0] != (picture.Bar{64, 79, 1}) {
		t.Errorf("the bars are %v", bars)
	}
}

// TestDemo writes pictures to look at into $PICTURE_DEMO.
func TestDemo(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("PICTURE_DEMO")
	if folder == "" {
		t.Skip("PICTURE_DEMO is not set")
	}
	page := "<!DOCTYPE html><meta charset=utf-8><style>" + picture.Style + "</style>"
	r := rand.New(rand.NewPCG(1, 2))
	for _, nodes := range []int{1, 6, 20, 90} {
		text, err := random(r, nodes).SVG()
		if err != nil {
			t.Fatal(err)
		}
		page += text
	}
	counts := map[int]int64{}
	for range 3000 {
		counts[64+int(r.ExpFloat64()*400)]++
	}
	marks := []picture.Mark{{128, "packet_length of session 1"}, {1460, "target MTU 1500"}, {128, "session 2"}}
	page += picture.Histogram{ID: "h", Title: "t", Size: "frame length in bytes", Unit: "packets", Bars: picture.Buckets(counts, 4, 0, marks...), Marks: marks}.SVG()
	if err := os.WriteFile(folder+"/demo.html", []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A text in a picture cannot hide characters, or turn its direction.
func TestEscape_invisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"\u202eabc": "\ufffdabc", "a\u200bb": "a\ufffdb", "a\u2028b": "a\ufffdb", "a\tb\x00": "a b\ufffd", "東京": "東京", `<"&'>`: "&lt;&quot;&amp;&#39;&gt;"} {
		if got := picture.Escape(text); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}
