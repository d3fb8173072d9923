package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
)

const topologyFile = `{ "network_interfaces": [{ "id": "eni-00000000000000001" }] }`

// run runs a command to its end.
func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return runWith(t, "", args...)
}

// runWith gives a command an input.
func runWith(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = cli.Main(t.Context(), "1.2.3", args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func TestMain_help(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--help"}, {"help"}} {
		status, out, _ := run(t, args...)
		if status != 0 || !strings.Contains(out, "emulator") || strings.Contains(out, "schema") {
			t.Errorf("%q ends with %d and prints\n%s", args, status, out)
		}
	}
	if status, out, _ := run(t, "--version"); status != 0 || out != "terraform-provider-trafficmirror version 1.2.3\n" {
		t.Errorf("--version ends with %d and prints %q", status, out)
	}
}

func TestMain_refuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad := file("bad.json", `{ "vpc": [] }`)
	foreign := file("foreign.db", "not a database")
	db := filepath.Join(folder, "ec2.db")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"command":     {[]string{"simulte"}, `Error: unknown command "simulte" for "terraform-provider-trafficmirror"`},
		"flag":        {[]string{"emulator", "--port", "1"}, "Error: unknown flag: --port"},
		"half a key":  {[]string{"emulator", "--access-key", "a"}, "[access-key secret-key]"},
		"half of TLS": {[]string{"emulator", "--tls-cert", "a"}, "[tls-cert tls-key]"},
		"fault":       {[]string{"emulator", "--path", db, "--fault", "*:fire"}, `Error: --fault: fault "*:fire": there is no kind "fire"`},
		"nothing":     {[]string{"emulator", "dump", "--path", filepath.Join(folder, "none.db")}, "--path names the file to print"},
		"topology":    {[]string{"emulator", "--path", db, "--topology", bad}, "Error: topology " + bad + ": vpc is not a known key"},
		"store":       {[]string{"emulator", "--path", foreign, "--listen", "127.0.0.1:0"}, foreign},
		"address":     {[]string{"emulator", "--path", db, "--listen", "127.0.0.1:99999"}, "--listen takes another address"},
		"certificate": {[]string{"emulator", "--path", db, "--listen", "127.0.0.1:0", "--tls-cert", bad, "--tls-key", bad}, "Error: reading --tls-cert and --tls-key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, errs := run(t, test.args...)
			if status != 1 || !strings.Contains(errs, test.want) {
				t.Errorf("ends with %d and says %q, want %q", status, errs, test.want)
			}
		})
	}
}

// started runs the emulator until the test ends, and returns what it printed.
func started(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	status := make(chan int, 1)
	go func() {
		var errs bytes.Buffer
		status <- cli.Main(ctx, "1.2.3", append([]string{"emulator", "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), in, &errs)
		in.CloseWithError(io.EOF)
	}()
	t.Cleanup(func() {
		stop()
		go io.Copy(io.Discard, out)
		if s := <-status; s != 0 {
			t.Errorf("the emulator ends with %d", s)
		}
	})
	var printed bytes.Buffer
	buffer := make([]byte, 4096)
	for !strings.Contains(printed.String(), "AWS_SECRET_ACCESS_KEY") {
		n, err := out.Read(buffer)
		printed.Write(buffer[:n])
		if err != nil {
			t.Fatalf("it printed only %q", printed.String())
		}
	}
	return printed.String()
}

// What is printed is enough to talk to the emulator, and a stop keeps what it holds.
func TestEmulator(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	topology := filepath.Join(folder, "topology.json")
	if err := os.WriteFile(topology, []byte(topologyFile), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--path", filepath.Join(folder, "ec2.db"), "--topology", topology}
	var target string
	t.Run("create", func(t *testing.T) {
		out, err := clientOf(t, started(t, args...), "test").CreateTrafficMirrorTarget(t.Context(),
			&ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String("eni-00000000000000001")})
		if err != nil {
			t.Fatal(err)
		}
		target = *out.TrafficMirrorTarget.TrafficMirrorTargetId
	})
	t.Run("describe after a restart", func(t *testing.T) {
		out, err := clientOf(t, started(t, args...), "test").DescribeTrafficMirrorTargets(t.Context(), &ec2.DescribeTrafficMirrorTargetsInput{})
		if err != nil || len(out.TrafficMirrorTargets) != 1 || *out.TrafficMirrorTargets[0].TrafficMirrorTargetId != target {
			t.Errorf("got %v, %v, want %s", out, err, target)
		}
	})
}

// A dump that is loaded into another file is that file's dump.
func TestEmulator_dumpAndLoad(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from.db"), filepath.Join(folder, "to.db")
	t.Run("fill", func(t *testing.T) {
		_, err := clientOf(t, started(t, "--path", from), "test").CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{Description: aws.String("web")})
		if err != nil {
			t.Fatal(err)
		}
	})
	status, dump, errs := run(t, "emulator", "dump", "--path", from)
	if status != 0 || !strings.Contains(dump, `"description":"web"`) {
		t.Fatalf("dump ends with %d and prints %s%s", status, dump, errs)
	}
	if status, _, errs := runWith(t, dump, "emulator", "load", "--path", to); status != 0 {
		t.Fatalf("load ends with %d: %s", status, errs)
	}
	if _, again, _ := run(t, "emulator", "dump", "--path", to); again != dump {
		t.Errorf("loaded and dumped again:\n%s\nbefore:\n%s", again, dump)
	}
	if status, _, errs := runWith(t, dump, "emulator", "load", "--path", to); status != 1 || !strings.Contains(errs, "it holds objects already") {
		t.Errorf("a second load ends with %d: %s", status, errs)
	}
}

// clientOf returns a client made from the lines that the emulator prints.
func clientOf(t *testing.T, printed, secret string) *ec2.Client {
	t.Helper()
	exported := map[string]string{}
	for _, match := range regexp.MustCompile(`(AWS_\w+)=(\S+)`).FindAllStringSubmatch(printed, -1) {
		exported[match[1]] = match[2]
	}
	return ec2.New(ec2.Options{
		Region: exported["AWS_REGION"], BaseEndpoint: aws.String(exported["AWS_ENDPOINT_URL_EC2"]), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(exported["AWS_ACCESS_KEY_ID"], secret, ""),
	})
}

func TestEmulator_verifiesSignatures(t *testing.T) {
	t.Parallel()
	printed := started(t, "--path", filepath.Join(t.TempDir(), "ec2.db"), "--access-key", "AKIDEXAMPLE", "--secret-key", "s3cret")
	if strings.Contains(printed, "s3cret") {
		t.Errorf("it prints the secret key:\n%s", printed)
	}
	for secret, want := range map[string]bool{"s3cret": true, "guess": false} {
		_, err := clientOf(t, printed, secret).DescribeTrafficMirrorTargets(t.Context(), &ec2.DescribeTrafficMirrorTargetsInput{})
		if (err == nil) != want {
			t.Errorf("with the secret %q: %v", secret, err)
		}
	}
}

// The schema is JSON with every resource, as the documentation needs it.
func TestSchema(t *testing.T) {
	t.Parallel()
	status, out, errs := run(t, "schema")
	if status != 0 {
		t.Fatalf("ends with %d: %s", status, errs)
	}
	var schema struct {
		FormatVersion string `json:"format_version"`
		Providers     map[string]struct {
			Resources map[string]struct {
				Block struct {
					Attributes map[string]struct{ Description string } `json:"attributes"`
				} `json:"block"`
			} `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(out), &schema); err != nil {
		t.Fatal(err)
	}
	resources := schema.Providers["trafficmirror"].Resources
	for _, name := range []string{"target", "filter", "filter_rule", "session", "simulation"} {
		for attribute, a := range resources["trafficmirror_"+name].Block.Attributes {
			if a.Description == "" {
				t.Errorf("%s of trafficmirror_%s has no description", attribute, name)
			}
		}
		if len(resources["trafficmirror_"+name].Block.Attributes) == 0 {
			t.Errorf("there is no trafficmirror_%s", name)
		}
	}
}
