//go:build unix

package docs

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

func readPages(t *testing.T) []Page {
	t.Helper()
	names, err := Pages(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	var pages []Page
	for _, name := range names {
		page, err := Read(os.DirFS(root), name)
		if err != nil {
			t.Error(err)
			continue
		}
		pages = append(pages, page)
	}
	return pages
}

// Each block of configuration is formatted, and each excerpt is in its file.
func TestBlocks(t *testing.T) {
	t.Parallel()
	count := 0
	for _, page := range readPages(t) {
		for _, b := range page.Blocks {
			place := fmt.Sprintf("%s:%d", page.Path, b.Line)
			if b.IsTerraform() || b.IsConsole() {
				count++
			}
			if !slices.Contains(languages, b.Language) {
				t.Errorf("%s: the language %q is none of %q", place, b.Language, languages)
			}
			if formatted := string(hclwrite.Format([]byte(b.Text))); b.IsTerraform() && formatted != b.Text {
				t.Errorf("%s: terraform fmt writes\n%s", place, formatted)
			}
			if file, ok := b.Has(ExcerptOf); ok {
				checkExcerpt(t, place, file, b.Text)
			}
		}
	}
	if count < 200 {
		t.Errorf("only %d blocks were found", count)
	}
}

// languages are those of the blocks.
var languages = []string{"terraform", "hcl", "console", "sh", "json", "yaml", "xml", "go", "java", "dockerfile", "mermaid", "text", ""}

// checkExcerpt checks that the lines of each paragraph of a block are in a file, one after the other.
func checkExcerpt(t *testing.T, place, file, text string) {
	t.Helper()
	whole, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Errorf("%s: %v", place, err)
		return
	}
	in := trimmedLines(string(whole))
	for paragraph := range strings.SplitSeq(wildcard.ReplaceAllString(text, "\n"), "\n\n") {
		if want := trimmedLines(paragraph); !strings.Contains(in, want) {
			t.Errorf("%s: %s does not have\n%s", place, file, paragraph)
		}
	}
}

// trimmedLines are the lines of a text without their indentation and without empty lines. A line feed is
// before and after each.
func trimmedLines(text string) string {
	all := "\n"
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all += line + "\n"
		}
	}
	return all
}

// Every block of configuration and every command of the pages runs, or says why not.
func TestAccBlocks(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("the blocks run where TF_ACC is set: make test")
	}
	t.Parallel()
	for _, page := range readPages(t) {
		name := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(page.Path, ".tmpl"), ".md"), "templates/")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runPage(t, page)
		})
	}
}

// runPage runs the blocks of a page: configurations each in a folder of its own, and files and commands
// in order in one folder.
func runPage(t *testing.T, page Page) {
	var shell *workspace
	before := "" // the configuration before
	for i, b := range page.Blocks {
		if _, not := b.Has(NotRun); not {
			continue
		}
		if _, excerpt := b.Has(ExcerptOf); excerpt {
			continue
		}
		if _, long := b.Has(Long); long && !sample.All() {
			continue
		}
		if need, _ := b.Has(Needs); need == "terraform" && os.Getenv("TF_ACC_PROVIDER_HOST") != "" { // as acceptance.sh sets it
			t.Skipf("line %d and what builds on it: OpenTofu cannot do this", b.Line)
		}
		file, isFile := b.Has(File)
		if (isFile || b.IsConsole()) && shell == nil {
			shell = newShell(t, page)
		}
		var test func(t *testing.T)
		switch {
		case isFile:
			writeFile(t, filepath.Join(shell.folder, file), shell.reached(b.Text))
			continue
		case b.IsConsole():
			test = func(t *testing.T) { shell.runConsole(t, b, nextText(page.Blocks[i+1:])) }
		case b.IsTerraform():
			before = configuration(t, before, b)
			config := before
			test = func(t *testing.T) {
				t.Parallel()
				runConfiguration(t, b, config, nextText(page.Blocks[i+1:]))
			}
		default:
			continue
		}
		if !t.Run(fmt.Sprintf("line%d", b.Line), func(t *testing.T) {
			skipWithoutNeeds(t, b)
			test(t)
		}) && b.IsConsole() {
			return // what follows builds on it
		}
	}
}

func skipWithoutNeeds(t *testing.T, b Block) {
	t.Helper()
	need, ok := b.Has(Needs)
	if !ok {
		return
	}
	if need == "terraform" {
		return
	}
	if strings.Contains(need, "/") {
		if os.Getenv("TRAFFICMIRROR_AWS_PROVIDER") == "" {
			t.Skipf("TRAFFICMIRROR_AWS_PROVIDER names no folder with %s", need)
		}
		return
	}
	if _, err := exec.LookPath(need); err != nil {
		t.Skipf("%s is not installed", need)
	}
}

// nextText is the next block, if it is text.
func nextText(blocks []Block) string {
	if len(blocks) > 0 && (blocks[0].Language == "text" || blocks[0].Language == "") {
		return blocks[0].Text
	}
	return ""
}

// configuration is what a block of configuration adds up to.
func configuration(t *testing.T, before string, b Block) string {
	t.Helper()
	text := b.Text
	if place, ok := b.Has(In); ok {
		text = insert(t, place, text)
	}
	if _, ok := b.Has(Continued); ok {
		return before + "\n" + text
	}
	return text
}

var existing = regexp.MustCompile(`\b(tmt|tmf|tmfr|tms)-0123456789abcdef0\b`)

// runConfiguration applies a configuration and plans again, which must find nothing to do.
func runConfiguration(t *testing.T, b Block, config, shown string) {
	need, _ := b.Has(Needs)
	others := strings.Contains(need, "/") // providers, which an init installs
	w := newWorkspace(t, others)
	if existing.MatchString(config) {
		w.loadExisting(t)
	}
	whole := complete(t, config)
	writeFile(t, filepath.Join(w.folder, "main.tf"), whole)
	command := "terraform-cli apply -auto-approve -input=false -no-color"
	switch _, fails := b.Has(Fails); {
	case fails:
		output := w.mustEnd(t, "terraform-cli plan -input=false -no-color", 1)
		if err := matchOutput("...\n"+shown+"\n...", output); err != nil || shown == "" {
			t.Errorf("%v\n%s", err, output)
		}
		return
	case others:
		command = "terraform-cli init -input=false -no-color >/dev/null && terraform-cli validate -no-color"
	case strings.Contains(config, `provider "trafficmirror" {`) && !strings.Contains(config, "emulator"):
		command = "terraform-cli validate -no-color" // AWS
	}
	output := w.mustEnd(t, command, 0)
	if t.Failed() {
		t.Logf("%s\n%s", whole, output)
		return
	}
	if strings.HasPrefix(command, "terraform-cli apply") {
		w.mustEnd(t, "terraform-cli plan -detailed-exitcode -input=false -no-color", 0)
	}
}

// mustEnd runs a command, which must end with this status.
func (w *workspace) mustEnd(t *testing.T, command string, want int) string {
	t.Helper()
	output, code, err := w.run(t.Context(), command)
	if err != nil || code != want {
		t.Errorf("%s: exit status %d, want %d: %v\n%s", command, code, want, err, output)
	}
	return output
}

// newShell returns the workspace of a page's commands.
func newShell(t *testing.T, page Page) *workspace {
	t.Helper()
	w := newWorkspace(t, true)
	if existing.MatchString(page.Text) {
		w.loadExisting(t)
	}
	w.port = freePort(t)
	return w
}

var portsTaken atomic.Int32

// freePort returns a port on which nothing listens. No program that leaves the choice to the system
// gets it later: systems choose from 32768 on. A process begins at another one than those beside it.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(10_000 + (64*os.Getpid()+int(portsTaken.Add(1)))%20_000)
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// servedAt is where the embedded EC2 and the console listen by default.
var servedAt = []string{"127.0.0.1:4566", "127.0.0.1:8787"}

// reached replaces these addresses by the one of this page.
func (w *workspace) reached(text string) string {
	for _, address := range servedAt {
		text = strings.ReplaceAll(text, address, "127.0.0.1:"+w.port)
	}
	return text
}

// A command is a line of a console and the output that the page shows.
type command struct{ line, shown string }

// commands are the commands of a block. A block without prompts is one script.
func commands(b Block) []command {
	if !strings.HasPrefix(b.Text, "$ ") {
		return []command{{line: "set -e\n" + b.Text}}
	}
	var found []command
	continued := false
	for line := range strings.SplitSeq(b.Text, "\n") {
		text, prompt := strings.CutPrefix(line, "$ ")
		switch last := len(found) - 1; {
		case prompt:
			found = append(found, command{line: text})
		case continued:
			found[last].line += "\n" + line
		default:
			found[last].shown += line + "\n"
		}
		continued = (prompt || continued) && strings.HasSuffix(line, `\`)
	}
	return found
}

// runConsole runs the commands of a block and compares what they print.
func (w *workspace) runConsole(t *testing.T, b Block, shown string) {
	list := commands(b)
	for i, c := range list {
		if values, ok := strings.CutPrefix(c.line, "export "); ok {
			w.env = append(w.env, strings.Fields(w.reached(values))...)
			continue
		}
		want := 0
		if i == len(list)-1 {
			if _, serve := b.Has(Serve); serve {
				w.serve(t, c)
				return
			}
			want = lastStatus(t, b)
		}
		output, code, err := w.run(t.Context(), w.reached(c.line))
		if err != nil || want >= 0 && code != want || want < 0 && code == 0 {
			t.Fatalf("$ %s\nexit status %d, %v\n%s", c.line, code, err, output)
		}
		if want != 0 && strings.TrimSpace(c.shown) == "" {
			if strings.TrimSpace(shown) == "" {
				t.Fatalf("$ %s\nThe page does not show how it fails: write the output into a text block after this one.", c.line)
			}
			c.shown = "...\n" + shown + "\n..."
		}
		if strings.TrimSpace(c.shown) == "" {
			continue
		}
		if err := matchOutput(c.shown, output); err != nil {
			t.Fatalf("$ %s\n%v\nThe whole output:\n%s", c.line, err, output)
		}
	}
}

// lastStatus is how the last command of a block exits; -1: not with 0.
func lastStatus(t *testing.T, b Block) int {
	t.Helper()
	if _, fails := b.Has(Fails); fails {
		return -1
	}
	text, ok := b.Has(Exit)
	if !ok {
		return 0
	}
	status, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

var exported = regexp.MustCompile(`\b([A-Z][A-Z0-9_]+)=(\S+)`)

// serve starts the embedded EC2 until the page has ended. What it prints to export is set for the commands
// that follow.
func (w *workspace) serve(t *testing.T, c command) {
	line := w.reached(strings.TrimSuffix(strings.TrimSpace(c.line), "&"))
	if !strings.Contains(line, "--listen") {
		line += " --listen 127.0.0.1:" + w.port
	}
	// A context of the page's test, not of this block's.
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+line)
	endWithChildren(cmd)
	cmd.Dir, cmd.Env = w.folder, w.env
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.stop(func() {
		stop()
		_ = cmd.Wait()
	})
	limit := time.AfterFunc(patience, stop)
	output, ready := "", false
	for lines := bufio.NewScanner(stdout); !ready && lines.Scan(); {
		output += lines.Text() + "\n"
		ready = strings.Contains(lines.Text(), "AWS_SECRET_ACCESS_KEY")
	}
	if !limit.Stop() || !ready {
		t.Fatalf("$ %s\nIt does not serve:\n%s", c.line, output)
	}
	w.env = append(w.env, exported.FindAllString(output, -1)...)
	if err := matchOutput(c.shown, output); err != nil && strings.TrimSpace(c.shown) != "" {
		t.Fatalf("$ %s\n%v\n%s", c.line, err, output)
	}
}
