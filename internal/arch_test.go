// Package internal_test holds the import table of the project as a test.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/trafficmirror/terraform-provider-trafficmirror/"

// imports says what a package's own code, without its tests, may import beyond the
// standard library: packages of the project by their folder below internal, and
// third-party packages by the prefix of their path.
var imports = map[string]struct{ internal, thirdParty []string }{
	"mirror":     {},
	"packet":     {},
	"dataplane":  {internal: []string{"mirror", "packet"}},
	"analysis":   {internal: []string{"mirror"}},
	"capture":    {internal: []string{"packet"}, thirdParty: []string{"github.com/klauspost/compress/zstd"}},
	"simulation": {internal: []string{"capture", "dataplane", "mirror", "packet", "regularfile", "wording"}},
	"flow":       {internal: []string{"dataplane", "mirror", "packet", "simulation", "wording"}},
	"topology":   {internal: []string{"mirror", "regularfile"}},

	"decapsulation": {internal: []string{"capture", "packet"}},
	"verification":  {internal: []string{"capture", "dataplane", "decapsulation", "mirror", "packet", "simulation", "wording"}},

	"planfile": {internal: []string{"mirror", "topology"}},

	"export":    {internal: []string{"account", "mirror", "topology"}},
	"pseudonym": {internal: []string{"mirror", "topology"}},

	"caller": {},
	"report": {internal: []string{"analysis", "dataplane", "flow", "mirror", "picture", "simulation", "wording"}, thirdParty: []string{"maragu.dev/gomponents"}},

	"diagram": {internal: []string{"account", "inventory", "mirror", "picture", "planfile", "wording"}},

	"docs":        {}, // for tests
	"hcl":         {},
	"picture":     {internal: []string{"wording"}},
	"regularfile": {},
	"sample":      {}, // for tests
	"wording":     {},

	// An emulator that shares the client's codec, or its signer, agrees with its
	// mistakes.
	"emulator": {
		internal:   []string{"caller", "emulator/query", "emulator/sharedfile", "mirror", "topology"},
		thirdParty: []string{"go.etcd.io/bbolt"},
	},
	"emulator/query":      {internal: []string{"mirror"}},
	"emulator/sharedfile": {internal: []string{"regularfile"}, thirdParty: []string{"go.etcd.io/bbolt"}},
	// Nothing else sees EC2 by the SDK, so that its types and its errors end here.
	"account": {
		internal:   []string{"mirror"},
		thirdParty: []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go", "golang.org/x/sync", "golang.org/x/time/rate"},
	},
	"reconcile": {internal: []string{"account", "analysis", "mirror"}},
	"check":     {internal: []string{"account", "analysis", "mirror"}},
	"inventory": {internal: []string{"account", "analysis", "mirror", "packet"}},
	"path":      {internal: []string{"account", "dataplane", "mirror", "packet", "wording"}},
	// The process that the CLI starts; nothing about the provider.
	"plugin": {thirdParty: []string{"github.com/hashicorp", "google.golang.org/grpc"}},
	// The provider's values and requests in another form; nothing about mirroring.
	"packed":    {thirdParty: []string{"github.com/hashicorp", "github.com/vmihailenco/msgpack/v5"}},
	"unchanged": {thirdParty: []string{"github.com/hashicorp"}},
	"function": {
		internal:   []string{"analysis", "dataplane", "mirror", "packet", "simulation"},
		thirdParty: []string{"github.com/hashicorp"},
	},
	"provider": {
		internal: []string{"account", "analysis", "capture", "check", "dataplane", "emulator", "function", "inventory", "mirror", "packed", "packet", "path", "reconcile", "simulation", "topology", "unchanged", "wording"},
		thirdParty: []string{
			"github.com/hashicorp", "github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/aws/arn", "github.com/aws/aws-sdk-go-v2/aws/ratelimit",
			"github.com/aws/aws-sdk-go-v2/aws/retry", "github.com/aws/aws-sdk-go-v2/credentials", "github.com/aws/aws-sdk-go-v2/feature/ec2/imds",
			"github.com/aws/aws-sdk-go-v2/service/sts", "github.com/aws/smithy-go/middleware",
		},
	},
	"adopt": {internal: []string{"check", "hcl", "inventory", "provider", "simulation", "wording"}, thirdParty: []string{"github.com/hashicorp/terraform-plugin-go"}},
	"console": {
		internal:   []string{"account", "adopt", "analysis", "caller", "capture", "check", "dataplane", "diagram", "flow", "hcl", "inventory", "mirror", "packet", "picture", "reconcile", "report", "simulation", "topology", "wording"},
		thirdParty: []string{"maragu.dev/gomponents"},
	},
	"cli": {
		internal: []string{
			"account", "adopt", "analysis", "capture", "check", "console", "dataplane", "decapsulation", "diagram", "emulator", "export", "flow", "hcl", "inventory", "mirror", "packet", "path",
			"planfile", "provider", "pseudonym", "reconcile", "regularfile", "report", "simulation", "topology", "verification", "wording",
		},
		thirdParty: []string{"github.com/hashicorp", "github.com/mattn/go-isatty", "github.com/schollz/progressbar/v3", "github.com/spf13/cobra", "github.com/spf13/pflag"},
	},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for path, file := range sources(t) {
		folder := knownFolder(path)
		allowed, known := imports[folder]
		if !known {
			t.Errorf("%s: the import table has no package %q", path, folder)
			continue
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			own, isOwn := strings.CutPrefix(imported, module+"internal/")
			switch {
			case isOwn && (knownFolder(own+"/") == folder || slices.Contains(allowed.internal, own)):
			case !isOwn && !strings.Contains(strings.Split(imported, "/")[0], "."): // standard library
			case !isOwn && slices.ContainsFunc(allowed.thirdParty, func(prefix string) bool { return below(imported, prefix) }):
			default:
				t.Errorf("%s: package %s may not import %s", path, folder, imported)
			}
		}
	}
}

// knownFolder returns the longest folder of a path that the table has, or else the
// first.
func knownFolder(path string) string {
	first, _, _ := strings.Cut(path, "/")
	for folder := filepath.Dir(path); folder != "."; folder = filepath.Dir(folder) {
		if _, known := imports[folder]; known {
			return folder
		}
	}
	return first
}

// below reports whether path is prefix or lies below it. Nothing below the root
// package of the SDK is allowed with it.
func below(path, prefix string) bool {
	return path == prefix || prefix != "github.com/aws/aws-sdk-go-v2/aws" && strings.HasPrefix(path, prefix+"/")
}

// A diagnostic whose path ends in a key that the configuration writes without
// quotes (100 = { ... }) panics Terraform and OpenTofu.
func TestNoDiagnosticAtMapKey(t *testing.T) {
	t.Parallel()
	for path, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "AtMapKey") {
				t.Errorf("%s: %s is not allowed: report at the path of the map and name the key in the text", path, s.Sel.Name)
			}
			return true
		})
	}
}

// A file of more lines has a second noun in it, and a type of more methods is several
// types. account.Account has the calls of every kind of object.
func TestShape(t *testing.T) {
	t.Parallel()
	const maxLines, maxMethods = 400, 15
	methods := map[string]int{}
	for path, file := range sources(t) {
		if text, err := os.ReadFile(path); err != nil || strings.Count(string(text), "\n") > maxLines {
			t.Errorf("%s has more than %d lines, or cannot be read: %v", path, maxLines, err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && !slices.Contains(frameworkMethods, f.Name.Name) {
				methods[filepath.Dir(path)+"."+receiver(f)]++
			}
		}
	}
	delete(methods, "account.Account")
	for name, n := range methods {
		if n > maxMethods {
			t.Errorf("%s has %d methods, more than %d", name, n, maxMethods)
		}
	}
	if methods["emulator.tx"] == 0 {
		t.Error("no method of emulator.tx was counted")
	}
}

// frameworkMethods are those that the plugin framework asks of a provider or a resource.
var frameworkMethods = []string{
	"Configure", "Create", "DataSources", "Delete", "IdentitySchema", "ImportState", "Metadata", "ModifyPlan", "MoveState", "Read", "Resources", "Schema", "Update", "ValidateConfig",
}

// receiver returns the name of the type of a method.
func receiver(f *ast.FuncDecl) string {
	expr := f.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// main.go hands over: it has no logic that could be tested, and so stays small.
func TestMainIsSmall(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../main.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 60 {
		t.Errorf("main.go has %d lines, above 60", lines)
	}
}

// sources parses the Go files below this folder, except those of tests and of the
// tools.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || path == "tools"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		files[filepath.ToSlash(path)] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go file found")
	}
	return files
}
