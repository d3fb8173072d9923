package console_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The interfaces of the topology of the quickstart.
const (
	web    = "eni-0a3f6c9e1b7d25840"
	app    = "eni-0b8e2d7f4a1c63950"
	sensor = "eni-0c5d9b1e8f3a74260"
)

// A lab is a console over an embedded EC2 of its own, with the topology of the quickstart.
type lab struct {
	t        *testing.T
	emulator *emulator.Emulator
	accounts *account.Regions
	console  *console.Console
	server   *httptest.Server
	path     string // of the file of the embedded EC2
}

// newLab returns a lab. change changes the options of the console.
func newLab(t *testing.T, change ...func(*console.Options)) *lab {
	t.Helper()
	text, err := os.ReadFile("../../examples/quickstart/topology.json")
	if err != nil {
		t.Fatal(err)
	}
	file, err := topology.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, path: filepath.Join(t.TempDir(), "ec2.db")}
	l.emulator, err = emulator.New(emulator.Options{Path: l.path, Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("test", "very-secret", ""),
		HTTPClient: &http.Client{Transport: emulator.Transport(l.emulator)},
	}
	l.accounts = account.NewRegions(config, account.Options{
		Endpoint: "http://ec2.test.invalid", BalancingEndpoint: "http://ec2.test.invalid", Partition: "aws", AccountID: "123456789012", TargetFacts: emulator.TargetFacts(l.emulator),
	})
	options := console.Options{
		Account: func() *account.Account { return l.accounts.Anew("") },
		Adopt:   l.adopt,
		Place:   "the embedded EC2 of the test", Version: "0.0.0", IsConsistent: true,
	}
	for _, f := range change {
		f(&options)
	}
	if l.console, err = console.New(options); err != nil {
		t.Fatal(err)
	}
	l.server = httptest.NewServer(l.console)
	t.Cleanup(l.server.Close)
	return l
}

// account returns the account as a program sees it that is not the console.
func (l *lab) account() *account.Account { return l.accounts.Anew("") }

// A browser keeps cookies, and follows redirects.
type browser struct {
	*lab
	client *http.Client
}

func (l *lab) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return &browser{l, &http.Client{Jar: jar}}
}

// An answer is what a browser gets.
type answer struct {
	status int
	header http.Header
	body   string
	path   string // of the page after all redirects, with its parameters
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body), response.Request.URL.RequestURI()}
}

// get opens a page.
func (b *browser) get(path string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.server.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

var tokenField = regexp.MustCompile(`name="csrf" value="([0-9a-f]+)"`)

// post sends the form of a page as it is, with some fields changed.
func (b *browser) post(page answer, path string, change url.Values) answer {
	b.t.Helper()
	values := url.Values{}
	for _, field := range fieldsOf(b.t, page.body, path) {
		values.Add(field[0], field[1])
	}
	for name, value := range change {
		values[name] = value
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func faults(t *testing.T, text string) []emulator.Fault {
	t.Helper()
	all, err := emulator.ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
