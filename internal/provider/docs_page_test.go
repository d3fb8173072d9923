package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

const docsFolder = "../../docs"

// schemaPage is what the schema has for one page of the documentation.
type schemaPage struct {
	description string
	arguments   map[string]string // the description by path: sessions.filter.id
}

// schemaPages are the pages of the documentation by their path in docs/.
func schemaPages(t *testing.T) map[string]schemaPage {
	t.Helper()
	schemas, err := provider.NewServer(newProvider)().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	index := schemaPageOf(schemas.Provider)
	index.description = "" // the page says by hand what the provider is
	pages := map[string]schemaPage{"index.md": index}
	for folder, all := range map[string]map[string]*tfprotov6.Schema{
		"resources": schemas.ResourceSchemas, "data-sources": schemas.DataSourceSchemas, "list-resources": schemas.ListResourceSchemas,
	} {
		for name, schema := range all {
			pages[folder+"/"+strings.TrimPrefix(name, "trafficmirror_")+".md"] = schemaPageOf(schema)
		}
	}
	for name, f := range schemas.Functions {
		page := schemaPage{f.Description, map[string]string{}}
		for _, p := range f.Parameters {
			page.arguments[p.Name] = p.Description
		}
		if f.VariadicParameter != nil {
			page.arguments[f.VariadicParameter.Name] = f.VariadicParameter.Description
		}
		pages["functions/"+name+".md"] = page
	}
	return pages
}

func schemaPageOf(s *tfprotov6.Schema) schemaPage {
	page := schemaPage{s.Block.Description, map[string]string{}}
	page.addBlock("", s.Block)
	return page
}

func (p schemaPage) addBlock(prefix string, b *tfprotov6.SchemaBlock) {
	p.addAttributes(prefix, b.Attributes)
	for _, nested := range b.BlockTypes {
		p.arguments[prefix+nested.TypeName] = nested.Block.Description
		p.addBlock(prefix+nested.TypeName+".", nested.Block)
	}
}

func (p schemaPage) addAttributes(prefix string, attributes []*tfprotov6.SchemaAttribute) {
	for _, a := range attributes {
		p.arguments[prefix+a.Name] = a.Description
		if a.NestedType != nil {
			p.addAttributes(prefix+a.Name+".", a.NestedType.Attributes)
			continue
		}
		p.addFields(prefix+a.Name+".", a.Type)
	}
}

// addFields adds the fields of an attribute that is an object, or a collection of objects.
// A schema has no descriptions for them.
func (p schemaPage) addFields(prefix string, of tftypes.Type) {
	switch of := of.(type) {
	case tftypes.List:
		p.addFields(prefix, of.ElementType)
	case tftypes.Map:
		p.addFields(prefix, of.ElementType)
	case tftypes.Set:
		p.addFields(prefix, of.ElementType)
	case tftypes.Object:
		for field := range of.AttributeTypes {
			p.arguments[prefix+field] = ""
		}
	}
}

var (
	nestedSchema   = regexp.MustCompile(`^<a id="nested(?:att|block|objatt)--(.*)"></a>$`)
	argumentOfPage = regexp.MustCompile("^(?:- |1\\. )`(\\w+)` \\((?:[A-Z][\\w ,]*)\\) ?(.*)$")
	schemaHeading  = regexp.MustCompile(`^## (?:Schema|Arguments)$`)
	nestedLink     = regexp.MustCompile(` ?\(see \[below for nested schema\]\([^)]*\)\)$`)
)

// readPage reads the arguments of a page, with their texts.
func readPage(text string) map[string]string {
	arguments, prefix, current, isSchema := map[string]string{}, "", "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "## ") {
			isSchema = schemaHeading.MatchString(line)
			prefix, current = "", ""
		}
		if !isSchema {
			continue
		}
		if m := nestedSchema.FindStringSubmatch(line); m != nil {
			prefix, current = strings.ReplaceAll(m[1], "--", ".")+".", ""
			continue
		}
		if m := argumentOfPage.FindStringSubmatch(line); m != nil {
			current = prefix + m[1]
			arguments[current] = m[2]
			continue
		}
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "<!--") || line == "Optional:" || line == "Required:" || line == "Read-Only:" {
			current = ""
		}
		if current != "" {
			arguments[current] += "\n" + line
		}
	}
	return arguments
}

// oneLine is a text without the link that the generator adds, with one space for each
// piece of white space.
func oneLine(text string) string {
	return strings.Join(strings.Fields(nestedLink.ReplaceAllString(strings.TrimSpace(text), "")), " ")
}

// Every resource, data source, list resource and function has a page, with every argument
// and its description. No page, and no argument of a page, is without a schema.
func TestDocs_schema(t *testing.T) {
	t.Parallel()
	pages := schemaPages(t)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		text, err := os.ReadFile(filepath.Join(docsFolder, name))
		if err != nil {
			t.Errorf("%v: run make generate", err)
			continue
		}
		pages[name].compare(t, "docs/"+name, string(text))
	}
	for _, folder := range []string{"resources", "data-sources", "list-resources", "functions"} {
		files, err := filepath.Glob(filepath.Join(docsFolder, folder, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no pages: %v", folder, err)
		}
		for _, file := range files {
			if name := folder + "/" + filepath.Base(file); pages[name].arguments == nil {
				t.Errorf("docs/%s is about nothing in the schema", name)
			}
		}
	}
}

func (p schemaPage) compare(t *testing.T, name, text string) {
	t.Helper()
	for paragraph := range strings.SplitSeq(p.description, "\n\n") { // the templates put some of them after the examples
		if !strings.Contains(oneLine(text), oneLine(paragraph)) {
			t.Errorf("%s does not have this of the description in the schema: run make generate\n%s", name, paragraph)
		}
	}
	found := readPage(text)
	for _, argument := range slices.Sorted(maps.Keys(p.arguments)) {
		switch got, onPage := found[argument]; {
		case !onPage:
			t.Errorf("%s does not have %s: run make generate", name, argument)
		case oneLine(got) != oneLine(p.arguments[argument]):
			t.Errorf("%s describes %s as\n%s\nand the schema as\n%s", name, argument, oneLine(got), oneLine(p.arguments[argument]))
		}
	}
	for _, argument := range slices.Sorted(maps.Keys(found)) {
		if _, known := p.arguments[argument]; !known {
			t.Errorf("%s has %s, which the schema does not have", name, argument)
		}
	}
}

var frontMatter = regexp.MustCompile(`(?s)^---\n.*?\bdescription: (?:\|-\n\s+)?\S.*?\n---\n`)

// Every page says what it is about in its front matter, which the registries show in
// lists and searches.
func TestDocs_frontMatter(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.md", "*/*.md", "../templates/guides/*.md"} {
		files, err := filepath.Glob(filepath.Join(docsFolder, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no page %s: %v", pattern, err)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err != nil || !frontMatter.Match(text) {
				t.Errorf("%s has no description in its front matter: %v", file, err)
			}
		}
	}
}
