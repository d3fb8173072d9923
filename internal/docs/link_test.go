package docs_test

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hosts are those that links may lead to. A new one is a source that somebody has
// judged: documentation of a vendor, a standard, a project.
var hosts = []string{
	"attack.mitre.org",
	"aws.amazon.com",
	"datatracker.ietf.org",
	"developer.hashicorp.com",
	"docs.aws.amazon.com",
	"docs.docker.com",
	"docs.extrahop.com",
	"docs.github.com",
	"docs.gitlab.com",
	"docs.suricata.io",
	"docs.zeek.org",
	"github.com",
	"golang.testcontainers.org",
	"java.testcontainers.org",
	"keepachangelog.com",
	"kubernetes.io",
	"opentofu.org",
	"registry.terraform.io",
	"rhinosecuritylabs.com",
	"search.opentofu.org",
	"semver.org",
	"www.kernel.org",
	"www.packetmischief.ca",
	"www.snaplabs.io",
}

// linkPage is a Markdown file, with its links and the anchors that links can name.
type linkPage struct {
	links   []link
	anchors []string
}

type link struct {
	target string
	line   int
}

var (
	inlineLink    = regexp.MustCompile(`\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)`)
	autoLink      = regexp.MustCompile(`<(https?:[^>\s]*)>`)
	bareLink      = regexp.MustCompile(`(?:^|[\s(])(https?://[^\s)>\]]+)`)
	referenceLink = regexp.MustCompile(`\[([^\[\]]+)\]\[([^\[\]]*)\]`)
	reference     = regexp.MustCompile(`^\s{0,3}\[([^\]]+)\]:\s+<?(\S+?)>?(?:\s|$)`)
	anchorID      = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	codeSpan      = regexp.MustCompile("``.*?``|`[^`]*`")
	notInSlug     = regexp.MustCompile(`[^\pL\pN _-]`)
)

// readLinks reads what is outside of fenced blocks and code.
func readLinks(content string) linkPage {
	var p linkPage
	defined, used := map[string]bool{}, []link{}
	for i, line := range outsideFences(content) {
		p.readHeading(line)
		for _, m := range anchorID.FindAllStringSubmatch(line, -1) {
			p.anchors = append(p.anchors, m[1])
		}
		line = codeSpan.ReplaceAllString(line, "X")
		if m := reference.FindStringSubmatch(line); m != nil {
			defined[strings.ToLower(m[1])] = true
			p.add(m[2], i+1)
			continue
		}
		p.readLine(line, i+1)
		used = append(used, references(line, i+1)...)
	}
	for _, l := range used {
		if !defined[l.target] {
			p.add("["+l.target+"]", l.line)
		}
	}
	return p
}

func (p *linkPage) add(target string, line int) {
	if l := (link{strings.TrimRight(target, ".,;:"), line}); !slices.Contains(p.links, l) {
		p.links = append(p.links, l)
	}
}

// readLine adds the links of a line that have their target with them.
func (p *linkPage) readLine(line string, number int) {
	for _, form := range []*regexp.Regexp{inlineLink, autoLink, bareLink} {
		for _, m := range form.FindAllStringSubmatch(line, -1) {
			p.add(m[1], number)
		}
	}
}

// references returns the names of the references that a line uses, in lower case.
func references(line string, number int) []link {
	var found []link
	for _, m := range referenceLink.FindAllStringSubmatch(line, -1) {
		name := cmp.Or(m[2], m[1])
		found = append(found, link{strings.ToLower(name), number})
	}
	return found
}

// outsideFences returns the lines of a page, those in fenced blocks and in the front
// matter empty.
func outsideFences(content string) []string {
	lines := strings.Split(content, "\n")
	closing := ""
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		switch {
		case closing != "":
			if strings.HasPrefix(trimmed, closing) {
				closing = ""
			}
			lines[i] = ""
		case i == 0 && trimmed == "---":
			closing = "---"
		case fence.MatchString(line):
			closing = fence.FindStringSubmatch(line)[1]
			lines[i] = ""
		}
	}
	return lines
}

// readHeading adds the anchor that GitHub and the registries make of a heading.
func (p *linkPage) readHeading(line string) {
	marks := heading.FindString(line)
	if marks == "" {
		return
	}
	title := inlineLink.ReplaceAllString(line[len(marks):], "]")
	slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")
	name := slug
	for n := 1; slices.Contains(p.anchors, name); n++ {
		name = fmt.Sprintf("%s-%d", slug, n)
	}
	p.anchors = append(p.anchors, name)
}

// site is every file by its path below the root, Markdown with its links. A guide in
// templates/ is read as the page that the generator makes of it, so that a new one is
// checked before it is generated, and whatever is in docs/ now.
type site struct {
	pages map[string]linkPage
	files map[string]bool // folders too
}

func readSite(t *testing.T) site {
	t.Helper()
	s := site{map[string]linkPage{}, map[string]bool{}}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at, err := filepath.Rel(root, name)
		at = filepath.ToSlash(at)
		if d.IsDir() && (slices.Contains([]string{".git", "bin", "dist"}, at) || d.Name() == ".terraform") {
			return filepath.SkipDir
		}
		s.files[at] = true
		page, isTemplate := strings.CutPrefix(at, "templates/")
		if isTemplate {
			at = "docs/" + page
			s.files[at] = true
		}
		if d.IsDir() || path.Ext(at) != ".md" {
			return err
		}
		content, err := os.ReadFile(name)
		s.pages[at] = readLinks(string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each link of a Markdown file leads to a file of the project, to a heading of it, or
// by https to a known host.
func TestLinks(t *testing.T) {
	t.Parallel()
	s := readSite(t)
	if len(s.pages) < 40 {
		t.Fatalf("only %d pages", len(s.pages))
	}
	for at, page := range s.pages {
		for _, l := range page.links {
			if problem := s.problem(at, l.target); problem != "" {
				t.Errorf("%s:%d: %s %s", at, l.line, l.target, problem)
			}
		}
	}
}

// problem returns what is wrong with a link on a page, or "".
func (s site) problem(at, target string) string {
	if strings.HasPrefix(target, "[") {
		return "is a reference that the page does not define"
	}
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return "is not a URL"
	case u.Scheme != "" || u.Host != "":
		return externalProblem(u)
	}
	to := at
	if u.Path != "" {
		to = path.Join(path.Dir(at), u.Path)
	}
	page, isPage := s.pages[strings.Replace(to, "templates/", "docs/", 1)]
	switch {
	case !s.files[to]:
		return "leads to no file"
	case strings.HasPrefix(at, "docs/") && !strings.HasPrefix(to, "docs/"):
		return "leads out of docs/, which the registries do not have"
	case u.Fragment != "" && (!isPage || !slices.Contains(page.anchors, u.Fragment)):
		return "leads to no heading of that page"
	}
	return ""
}

func externalProblem(u *url.URL) string {
	switch {
	case u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost":
		return "" // the embedded EC2 on this host
	case u.Scheme != "https":
		return "is not https"
	case !slices.Contains(hosts, u.Host):
		return "has a host that link_test.go does not list"
	}
	return ""
}

// Every guide is a page that a reader finds from the index.
func TestGuidesAreLinked(t *testing.T) {
	t.Parallel()
	s := readSite(t)
	index := s.pages["docs/index.md"]
	for at := range s.pages {
		guide, isGuide := strings.CutPrefix(at, "docs/guides/")
		if isGuide && !slices.ContainsFunc(index.links, func(l link) bool { return path.Join("docs", strings.Split(l.target, "#")[0]) == at }) {
			t.Errorf("docs/index.md has no link to guides/%s", guide)
		}
	}
}

func TestReadLinks(t *testing.T) {
	t.Parallel()
	page := readLinks(strings.Join([]string{
		"# A `code` title: one, two", "", "## Again", "## Again", `<a id="nestedatt--x"></a>`,
		"See [one](a.md#b), [two][ref], [three][], <https://x.example/a> and https://y.example/b.",
		"Not `[a](b)`.", "```text", "[in a fence](c.md)", "# no heading", "```", "[ref]: d.md",
	}, "\n"))
	var targets []string
	for _, l := range page.links {
		targets = append(targets, fmt.Sprint(l.line, " ", l.target))
	}
	want := []string{"6 a.md#b", "6 https://x.example/a", "6 https://y.example/b", "12 d.md", "6 [three]"}
	if !slices.Equal(targets, want) {
		t.Errorf("links %q, want %q", targets, want)
	}
	if want := []string{"a-code-title-one-two", "again", "again-1", "nestedatt--x"}; !slices.Equal(page.anchors, want) {
		t.Errorf("anchors %q, want %q", page.anchors, want)
	}
}

func TestLinkProblem(t *testing.T) {
	t.Parallel()
	s := site{
		pages: map[string]linkPage{"docs/a.md": {anchors: []string{"x"}}, "docs/guides/b.md": {}, "README.md": {}},
		files: map[string]bool{"docs/a.md": true, "docs/guides/b.md": true, "README.md": true},
	}
	for target, want := range map[string]string{
		"../a.md":                     "",
		"../a.md#x":                   "",
		"../a.md#y":                   "no heading",
		"#x":                          "no heading",
		"../c.md":                     "no file",
		"../../README.md":             "out of docs/",
		"[r]":                         "does not define",
		"http://github.com/a":         "not https",
		"https://github.com/a":        "",
		"https://example.org/a":       "does not list",
		"http://127.0.0.1:4566":       "",
		"https://exa mple.org/%zz":    "not a URL",
		"//docs.aws.amazon.com/guide": "not https",
	} {
		if got := s.problem("docs/guides/b.md", target); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}
