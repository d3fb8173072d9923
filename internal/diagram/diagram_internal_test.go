package diagram

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

func visible(text string) string { return picture.Visible(text) }

// hostile are texts that end strings, labels, comments and elements if they are not escaped.
var hostile = []string{
	`"'><script>alert(1)</script><!-- ]]> &amp; --><b onload=x>`, "a\x00\x1b\n\ufffeb", `\`, `\"`, `"]; subgraph x`, `"] --> n1`, "```", "`**bold**`", `#quot; #35; #x;`, `%%{init: {}}%%`,
	`{a|b<c>}`, `\N \G \l`, `&lt;b&gt;`, "end", "\u202eabc", "http://example.com", `click n0 "javascript:alert(1)"`, "東京", "a|b", "</svg>", "a;b", "<br/>",
}

// fleet returns a world of interfaces with two sessions each: name gives the names.
func fleet(size int, name func(n int) string) *World {
	w := &World{Title: name(0), Filters: map[string]*Filter{}, Targets: map[string]*Target{}, HasIDs: true, Notes: []string{name(1)}}
	for n := range 3 {
		id := fmt.Sprint("tmf-", n)
		w.Filters[id] = &Filter{Object: Object{ID: id, Name: name(2 + n)}, Ingress: Rules{Accept: n}, Egress: Rules{Reject: 1}}
	}
	w.Targets["tmt-if"] = &Target{Object: Object{ID: "tmt-if", Name: name(5)}, Type: mirror.NetworkInterface, Receiver: &Receiver{Object: Object{ID: "eni-sensor", Name: name(6)}, Address: "10.0.0.9"}}
	lb := mirror.LoadBalancer{ARN: "arn:lb", Name: name(7), Type: mirror.NetworkBalancer, State: "active", Listeners: []mirror.Listener{{Protocol: "UDP", Port: mirror.CopyPort, TargetGroups: []string{"arn:tg"}}}}
	e := &mirror.Endpoint{Type: mirror.NetworkLoadBalancer}
	e.SetLoadBalancer(lb, []mirror.TargetGroup{{ARN: "arn:tg", Name: name(8), Targets: []mirror.RegisteredTarget{
		{ID: "i-1", Address: netip.MustParseAddr("10.0.0.1"), Health: mirror.TargetHealthy}, {ID: name(9), Health: mirror.TargetUnhealthy, Reason: name(10)},
	}}})
	w.Targets["tmt-lb"] = &Target{Object: Object{ID: "tmt-lb"}, Type: mirror.NetworkLoadBalancer, Backing: "arn:lb", Endpoint: e}
	for n := range size {
		i := &Interface{Object: Object{ID: fmt.Sprintf("eni-%03d", n), Name: name(11 + n)}, SubnetID: fmt.Sprint("subnet-", n%4), VPCID: fmt.Sprint("vpc-", n%2), Tags: map[string]string{"team": fmt.Sprint("t", n%3)}, Word: "mirrored", Tone: Good}
		for k := range 2 {
			i.Sessions = append(i.Sessions, &Session{Object: Object{ID: fmt.Sprintf("tms-%03d-%d", n, k), Name: name(12 + n + k)}, Number: k + 1, VNI: new(n), FilterID: fmt.Sprint("tmf-", (n+k)%2), TargetID: []string{"tmt-if", "tmt-lb"}[k]})
		}
		w.Interfaces = append(w.Interfaces, i)
	}
	return w
}

func plain(n int) string { return "name " + strconv.Itoa(n) }

// svgTexts returns the text elements of a picture, and fails for one that is no XML, or that has
// what a page must not have.
func svgTexts(t *testing.T, text string) []string {
	t.Helper()
	var texts []string
	decoder := xml.NewDecoder(strings.NewReader(text))
	inText := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
			if inText {
				texts = append(texts, "")
			}
			if !slices.Contains([]string{"svg", "title", "desc", "style", "g", "text", "rect", "path", "a"}, token.Name.Local) {
				t.Fatalf("there is an element %s", token.Name.Local)
			}
			for _, a := range token.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
					t.Fatalf("there is an attribute %s", a.Name.Local)
				}
			}
		case xml.CharData:
			if inText {
				texts[len(texts)-1] += string(token)
			}
		}
	}
}

// Labels of hostile names are the names in each format, and they change nothing around them.
func TestHostile(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		names := slices.Clone(hostile)
		r.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] })
		if round%2 == 1 { // also parts of them, joined
			for i := range names {
				a, b := names[r.IntN(len(names))], names[r.IntN(len(names))]
				names[i] = strings.ToValidUTF8(a[r.IntN(len(a)+1):]+b[:r.IntN(len(b)+1)], "")
			}
		}
		checkHostile(t, names)
	}
}

func FuzzHostile(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if utf8.ValidString(name) {
			checkHostile(t, []string{name})
		}
	})
}

func checkHostile(t *testing.T, names []string) {
	t.Helper()
	hostileWorld := fleet(5, func(n int) string { return names[n%len(names)] })
	d, usual := hostileWorld.DrawGrouped(Automatic, SVG.Fits), fleet(5, plain).DrawGrouped(Automatic, SVG.Fits)
	svgTexts(t, d.SVG())
	checkMermaid(t, d, usual)
	labels := dotLabels(t, d.DOT())
	for _, n := range d.Nodes {
		want := html.UnescapeString(visible(n.Title))
		if !slices.ContainsFunc(labels, func(label string) bool { return strings.HasPrefix(label, visible(n.Title)) }) {
			t.Errorf("DOT has no label %q in %q", want, labels)
		}
	}
}

var (
	mermaidLabel  = regexp.MustCompile(`^  (n|note)[0-9]+\["((?:[\pL\p{Nd} .,:/()+=@_-]|#[0-9]+;|<br/>|</?b>)*)"\]$`)
	mermaidEntity = regexp.MustCompile(`#([0-9]+);`)
)

// checkMermaid checks that a drawing has the lines of one with usual names, and its labels.
func checkMermaid(t *testing.T, d, usual *Drawing) {
	t.Helper()
	text, err := d.Mermaid()
	if err != nil {
		t.Fatal(err)
	}
	other, _ := usual.Mermaid()
	lines := strings.Split(text, "\n")
	if want := strings.Split(other, "\n"); len(lines) != len(want) {
		t.Fatalf("%d lines, not %d:\n%s", len(lines), len(want), text)
	}
	if !strings.HasPrefix(lines[1], "  accTitle: ") || plainLine(lines[1][12:]) != strings.TrimSpace(lines[1][12:]) {
		t.Errorf("the title is %q", lines[1])
	}
	for i, n := range d.Nodes {
		parts := mermaidLabel.FindStringSubmatch(lines[2+i])
		if parts == nil {
			t.Fatalf("the label of %q is %q", n.Title, lines[2+i])
		}
		got := mermaidEntity.ReplaceAllStringFunc(strings.Split(parts[2], "<br/>")[0], func(entity string) string {
			code, _ := strconv.Atoi(entity[1 : len(entity)-1])
			return string(rune(code))
		})
		if got != visible(n.heading()) {
			t.Errorf("the label of %q is %q", n.Title, got)
		}
	}
}

// dotLabels returns the labels of a graph, and fails if it has something else than what a drawing
// has outside of its strings.
func dotLabels(t *testing.T, text string) []string {
	t.Helper()
	var labels []string
	var outside strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, `"`)
		outside.WriteString(before)
		if !found {
			break
		}
		end := 0
		for end < len(after) && after[end] != '"' {
			end++
			if after[end-1] == '\\' {
				end++
			}
		}
		if strings.HasSuffix(before, "label=") {
			labels = append(labels, strings.NewReplacer(`\\`, `\`, `\"`, `"`, `&amp;`, `&`, `\n`, "\n").Replace(after[:end]))
		}
		rest = after[end+1:]
		outside.WriteString("S")
	}
	if bad := regexp.MustCompile(`[^a-zA-Z0-9_=,.;{}\[\]>\s-]`).FindString(outside.String()); bad != "" {
		t.Errorf("there is %q outside of the strings of\n%s", bad, text)
	}
	return labels
}

// Graphviz draws each drawing, with its labels as they are.
func TestDOT_graphviz(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("Graphviz is not installed")
	}
	d := fleet(5, func(n int) string { return hostile[n%len(hostile)] }).DrawGrouped(Automatic, DOT.Fits)
	cmd := exec.CommandContext(t.Context(), program, "-Tsvg")
	cmd.Stdin = strings.NewReader(d.DOT())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, picture, _ := strings.Cut(string(out), "<svg")
	for _, n := range d.Nodes {
		if got := graphvizTexts(t, "<svg"+picture); !slices.Contains(got, strings.ReplaceAll(visible(n.Title), " ", "\u00a0")) && !slices.Contains(got, visible(n.Title)) {
			t.Errorf("Graphviz draws no %q in %q", visible(n.Title), got)
		}
	}
}

func graphvizTexts(t *testing.T, text string) (texts []string) {
	t.Helper()
	var root struct {
		Inner []byte `xml:",innerxml"`
	}
	if err := xml.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`<text [^>]*>([^<]*)</text>`).FindAllStringSubmatch(string(root.Inner), -1) {
		texts = append(texts, html.UnescapeString(m[1]))
	}
	return texts
}
