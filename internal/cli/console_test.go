package cli_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// What does not fit together is refused before anything is served.
func TestConsole_refuses(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "ec2.db")
	token := func(text string) string {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing to show":        {nil, "write --path FILE for the embedded EC2, --endpoint-url URL for an endpoint, or --region REGION or --profile PROFILE for AWS"},
		"topology alone":         {[]string{"--region", "eu-west-1", "--topology", "t.json"}, "--topology is of the embedded EC2. Add --path, or remove it"},
		"write on a file":        {[]string{"--path", db, "--write"}, "the console changes the embedded EC2 without it"},
		"two places":             {[]string{"--path", db, "--endpoint-url", "http://127.0.0.1:1"}, "[endpoint-url path]"},
		"no port":                {[]string{"--path", db, "--listen", "127.0.0.1"}, `--listen is "127.0.0.1". Write an address and a port`},
		"every address":          {[]string{"--path", db, "--listen", "0.0.0.0:0"}, "--listen 0.0.0.0:0 opens the console to other hosts. Set a token with --token-file or TRAFFICMIRROR_CONSOLE_TOKEN"},
		"every address, no name": {[]string{"--path", db, "--listen", ":0"}, "opens the console to other hosts"},
		"a name":                 {[]string{"--path", db, "--listen", "console.example:0"}, "opens the console to other hosts"},
		"an empty token":         {[]string{"--path", db, "--listen", "0.0.0.0:0", "--token-file", token("\n")}, "--token-file has no token"},
		"a short token":          {[]string{"--path", db, "--token-file", token("secret")}, "the token in --token-file has 6 characters. Write at least 16"},
		"no token file":          {[]string{"--path", db, "--token-file", "/nowhere/token"}, "/nowhere/token"},
	} {
		status, out, errs := run(t, append([]string{"console"}, c.args...)...)
		if status != 1 || !strings.Contains(errs, c.want) || strings.Contains(errs, "secret") {
			t.Errorf("%s: ends with %d, prints %q and says %q, want %q", name, status, out, errs, c.want)
		}
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("a file was made all the same")
	}
}

var listensOn = regexp.MustCompile(`The console listens on (http://\S+)`)

// startedConsole runs the console until the test ends, and returns its address.
func startedConsole(t *testing.T, ready string, args ...string) (address, printed string) {
	t.Helper()
	printed = startedUntil(t, ready, append([]string{"console", "--listen", "127.0.0.1:0"}, args...)...)
	match := listensOn.FindStringSubmatch(printed)
	if match == nil {
		t.Fatalf("it prints no address:\n%s", printed)
	}
	return match[1], printed
}

// opened returns a page, or what a form answers.
func opened(t *testing.T, client *http.Client, address string, form url.Values) (status int, body string) {
	t.Helper()
	get := func() (*http.Response, error) { return client.Get(address) }
	if form != nil {
		get = func() (*http.Response, error) { return client.PostForm(address, form) }
	}
	response, err := get()
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// ofQuickstart are the arguments for a new account with the topology of the quickstart.
func ofQuickstart(t *testing.T) []string {
	t.Helper()
	return []string{"--path", filepath.Join(t.TempDir(), "ec2.db"), "--topology", "../../examples/quickstart/topology.json", "--region", "eu-west-1"}
}

// What a form creates, the SDK sees on the same address, and the reverse.
func TestConsole(t *testing.T) {
	t.Parallel()
	address, printed := startedConsole(t, "AWS_SECRET_ACCESS_KEY", ofQuickstart(t)...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	_, page := opened(t, browser, address+"/targets/new", nil)
	token := regexp.MustCompile(`name="csrf" value="(\w+)"`).FindStringSubmatch(page)
	if token == nil {
		t.Fatal(page)
	}
	status, page := opened(t, browser, address+"/targets/new", url.Values{"csrf": {token[1]}, "change": {"1"}, "backing": {"eni-0c5d9b1e8f3a74260"}, "description": {"sensor"}})
	if status != http.StatusOK || !strings.Contains(page, "The change is made.") {
		t.Fatalf("%d %s", status, page)
	}
	api := clientOf(t, printed, "test")
	targets, err := api.DescribeTrafficMirrorTargets(t.Context(), &ec2.DescribeTrafficMirrorTargetsInput{})
	if err != nil || len(targets.TrafficMirrorTargets) != 1 || aws.ToString(targets.TrafficMirrorTargets[0].Description) != "sensor" {
		t.Errorf("%+v, %v", targets, err)
	}
	if _, err := api.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{Description: aws.String("of the SDK")}); err != nil {
		t.Fatal(err)
	}
	if _, page := opened(t, browser, address+"/filters?fresh=1", nil); !strings.Contains(page, "of the SDK") {
		t.Error(page)
	}
	// A request that is not signed is of the Region that the pages show.
	if status, answer := opened(t, &http.Client{}, address+"/", url.Values{"Action": {"CreateTrafficMirrorFilter"}, "Version": {"2016-11-15"}, "Description": {"not signed"}}); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
	if _, page := opened(t, browser, address+"/filters?fresh=1", nil); !strings.Contains(page, "not signed") {
		t.Error(page)
	}
	// A page of another site reaches neither the pages' forms nor the API.
	for _, path := range []string{"/", "/_emulator/reset", "/targets/new"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+path, strings.NewReader("Action=DescribeVpcs"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "http://evil.test")
		response, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, response.StatusCode)
		}
	}
}

// With a token there is no API beside the pages, and the token is not printed.
func TestConsole_token(t *testing.T) {
	t.Parallel()
	const token = "a-long-and-secret-token"
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address, printed := startedConsole(t, "asks a browser for the token", append(ofQuickstart(t), "--token-file", path, "--allow-host", "console.example.com")...)
	if strings.Contains(printed, token) || strings.Contains(printed, "AWS_") {
		t.Error(printed)
	}
	for name, want := range map[string]int{"console.example.com": http.StatusUnauthorized, "Console.example.com:443": http.StatusUnauthorized, "other.example.com": http.StatusForbidden} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = name
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("by the name %s: %d, want %d", name, response.StatusCode, want)
		}
	}
	// A proxy with TLS that keeps the Host header.
	form, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/login", strings.NewReader("token="+token))
	if err != nil {
		t.Fatal(err)
	}
	form.Host = "console.example.com"
	form.Header.Set("Origin", "https://console.example.com")
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(form)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close() != nil || response.StatusCode != http.StatusSeeOther {
		t.Errorf("the login by a proxy: %+v", response)
	}
	if status, _ := opened(t, http.DefaultClient, address+"/", nil); status != http.StatusUnauthorized {
		t.Errorf("without the token: %d", status)
	}
	if status, body := opened(t, http.DefaultClient, address+"/", url.Values{"Action": {"DescribeVpcs"}}); status != http.StatusUnauthorized || strings.Contains(body, "vpc-") {
		t.Errorf("the API answers %d %s", status, body)
	}
}

// Over an endpoint the console is read-only, and asks before each change with --write.
func TestConsole_endpoint(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
	endpoint, _ := startedConsole(t, "AWS_SECRET_ACCESS_KEY", ofQuickstart(t)...)
	for _, writes := range []bool{false, true} {
		args := []string{"--endpoint-url", endpoint, "--region", "eu-west-1"}
		if writes {
			args = append(args, "--write")
		}
		address, printed := startedConsole(t, "listens on", args...)
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar}
		_, page := opened(t, browser, address+"/targets/new", nil)
		token := regexp.MustCompile(`name="csrf" value="(\w+)"`).FindStringSubmatch(page)
		if token == nil {
			t.Fatalf("%s\n%s", printed, page)
		}
		if status, page := opened(t, browser, address+"/code", nil); status != http.StatusOK { // the endpoint has no STS
			t.Errorf("as code: %d %s", status, page)
		}
		status, page := opened(t, browser, address+"/targets/new", url.Values{"csrf": {token[1]}, "change": {"1"}, "backing": {"eni-0c5d9b1e8f3a74260"}})
		switch {
		case strings.Contains(page, "very-secret"):
			t.Error("the page has the secret key")
		case !writes && (status != http.StatusForbidden || !strings.Contains(page, "Start it with --write")):
			t.Errorf("read-only: %d %s", status, page)
		case writes && (status != http.StatusOK || !strings.Contains(page, "Make this change?") || !strings.Contains(page, "eu-west-1")):
			t.Errorf("with --write: %d %s", status, page)
		}
	}
}

// Without a Region, the console shows the only one of the file that has objects. Where several
// have some, or none, it says which one it shows, and its pages say where there are objects.
func TestConsole_region(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	db := filepath.Join(t.TempDir(), "ec2.db")
	create := func(region string) {
		t.Helper()
		_, printed := startedConsole(t, "AWS_SECRET_ACCESS_KEY", "--path", db, "--region", region)
		if _, err := clientOf(t, printed, "test").CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{}); err != nil {
			t.Fatal(err)
		}
	}
	pages := []string{"/", "/map", "/sessions", "/filters", "/targets", "/interfaces", "/coverage"}
	const command = "console --path "
	check := func(name, says, region string, others ...string) {
		t.Helper()
		address, printed := startedConsole(t, "AWS_SECRET_ACCESS_KEY", "--path", db)
		if !strings.Contains(printed, says) || !strings.Contains(printed, "AWS_REGION="+region+" ") {
			t.Errorf("%s: it prints %q, want %q", name, printed, says)
		}
		for _, path := range pages {
			_, page := opened(t, http.DefaultClient, address+path, nil)
			if !strings.Contains(page, region) || strings.Count(page, command) != len(others) {
				t.Errorf("%s: %s: it does not name %s, or names not %d others:\n%s", name, path, region, len(others), page)
			}
			for _, other := range others {
				if want := other + ": 1 filter"; !strings.Contains(page, want) || !strings.Contains(page, "--region "+other+" --listen 127.0.0.1:0") {
					t.Errorf("%s: %s has no %q:\n%s", name, path, want, page)
				}
			}
		}
	}
	check("an empty file", "", "us-east-1")
	create("eu-west-1")
	check("one", "It shows Region eu-west-1, the only one of "+db+" that has objects.", "eu-west-1")
	create("eu-west-3")
	check("several", "It shows Region us-east-1. "+db+" has objects in several Regions: eu-west-1, eu-west-3.", "us-east-1", "eu-west-1", "eu-west-3")
	t.Setenv("AWS_REGION", "eu-west-1")
	check("of the environment", "The console listens", "eu-west-1", "eu-west-3")
}
