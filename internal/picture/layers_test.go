package picture_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// randomLayers returns a picture with chains from the first column to the last, of which some pass
// a column.
func randomLayers(r *rand.Rand, chains int) picture.Layers {
	l := picture.Layers{ID: "l", Title: hostile, Description: hostile, Columns: []string{"a", "b", "c", "none", "d", "e"}, Fixed: 2, Notes: []string{hostile}}
	at := map[string]int{}
	add := func(column, key, chain int) int {
		name := fmt.Sprint(column, " ", key)
		i, found := at[name]
		if !found {
			i = len(l.Boxes)
			at[name] = i
			l.Boxes = append(l.Boxes, picture.Box{Column: column, Title: strings.Repeat("name ", r.IntN(20)) + hostile, Notes: make([]string, r.IntN(4)), Href: hostile})
			for n := range l.Boxes[i].Notes {
				l.Boxes[i].Notes[n] = hostile
			}
		}
		if c := l.Boxes[i].Chains; len(c) == 0 || c[len(c)-1] != chain {
			l.Boxes[i].Chains = append(l.Boxes[i].Chains, chain)
		}
		return i
	}
	for chain := range chains {
		path := []int{add(0, chain/2, chain), add(1, chain, chain), add(2, r.IntN(1+chains/5), chain)}
		if r.IntN(2) == 0 {
			path = append(path, add(4, r.IntN(4), chain))
		}
		path = append(path, add(5, r.IntN(5), chain))
		for i := range path[1:] {
			l.Lines = append(l.Lines, picture.Line{From: path[i], To: path[i+1], Chains: []int{chain}})
		}
	}
	l.Boxes = append(l.Boxes, picture.Box{Column: 2, Title: "alone"})
	return l
}

// No box is on another one or outside of the picture, and each box is drawn.
func TestLayers_noOverlap(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for chains := 0; chains < 60; chains += 7 {
		l := randomLayers(r, chains)
		root := parse(t, l.SVG())
		if first, again := l.SVG(), l.SVG(); first != again {
			t.Error("the same picture has two texts")
		}
		lower := map[float64][]element{}
		boxes := root.named("rect", "box")
		if len(boxes) != len(l.Boxes) {
			t.Fatalf("%d boxes of %d are drawn", len(boxes), len(l.Boxes))
		}
		for _, b := range boxes {
			x, y, bottom := b.float(t, "x"), b.float(t, "y"), b.float(t, "y")+b.float(t, "height")
			if y < 34-1 || bottom > root.float(t, "height") || x+b.float(t, "width") > root.float(t, "width") {
				t.Fatalf("%d chains: a box is outside at %v %v", chains, x, y)
			}
			for _, other := range lower[x] {
				if top := other.float(t, "y"); y < top+other.float(t, "height")+1 && top < bottom+1 {
					t.Fatalf("%d chains: a box at %v %v is on one at %v", chains, x, y, top)
				}
			}
			lower[x] = append(lower[x], b)
		}
	}
}

// Boxes of a column are moved so that lines do not cross, if that is possible.
func TestLayers_crossings(t *testing.T) {
	t.Parallel()
	l := picture.Layers{ID: "l", Columns: []string{"a", "b"}, Fixed: 1}
	for i := range 6 {
		l.Boxes = append(l.Boxes, picture.Box{Column: 0, Title: fmt.Sprint("from", i), Chains: []int{i}})
	}
	for i := range 6 {
		l.Boxes = append(l.Boxes, picture.Box{Column: 1, Title: fmt.Sprint("to", i), Chains: []int{5 - i}})
		l.Lines = append(l.Lines, picture.Line{From: 5 - i, To: 6 + i})
	}
	for _, path := range parse(t, l.SVG()).named("path", "edge") {
		var x, from, bend, y1, bend2, y2, x2, to float64
		if _, err := fmt.Sscanf(path.attr("d"), "M%f %fC%f %f %f %f %f %f", &x, &from, &bend, &y1, &bend2, &y2, &x2, &to); err != nil || from != to {
			t.Errorf("the line %s is not straight: %v", path.attr("d"), err)
		}
	}
}

// A file has its style sheet, for dark screens and paper too, and a heading.
func TestLayers_file(t *testing.T) {
	t.Parallel()
	text := picture.Layers{ID: "l", Title: "the title", Columns: []string{"a"}, Boxes: []picture.Box{{Title: "x"}}}.File()
	for _, want := range []string{"prefers-color-scheme:dark", "@media print", `<text class="title" x="8" y="22">the title</text>`} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%s is %d times in\n%s", want, strings.Count(text, want), text)
		}
	}
}
