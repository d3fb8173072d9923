package console_test

import (
	"strings"
	"testing"
)

// Every link of every page leads to a page, and the HTML of every page is right.
func TestPages(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	crawl(t, b, 4)
}

// crawl opens all pages from the first one on, and fails if there are fewer than least.
func crawl(t *testing.T, b *browser, least int) {
	t.Helper()
	seen, queue := map[string]bool{"/": true}, []string{"/"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		got := b.get(path)
		if got.status != 200 {
			t.Errorf("%s: %d\n%s", path, got.status, parse(t, got.body).words())
			continue
		}
		if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			continue
		}
		if problems := problemsOf(t, got.body); problems != nil {
			t.Errorf("%s: %q", path, problems)
		}
		for _, a := range parse(t, got.body).all("a", "link", "script") {
			to := a.attributes["href"] + a.attributes["src"]
			to, _, _ = strings.Cut(to, "#")
			if strings.HasPrefix(to, "/") && !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	if len(seen) < least {
		t.Errorf("only %d pages were found: %v", len(seen), seen)
	}
}
