package cli_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
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
		"half a key":  {[]string{"emulator", "--access-key", "a"}, "--access-key and --secret-key go together"},
		"half of TLS": {[]string{"emulator", "--tls-cert", "a"}, "[tls-cert tls-key]"},
		"fault":       {[]string{"emulator", "--path", db, "--fault", "*:fire"}, `Error: --fault: fault "*:fire": there is no kind "fire"`},
		"quota":       {[]string{"emulator", "--quota", "sessions=1"}, `there is no quota "sessions": write one of filters-per-account, rules-per-filter, `},
		"quota of -1": {[]string{"emulator", "--quota", "rules-per-filter=-1"}, `the quota rules-per-filter is -1: write a whole number from 0 to 2147483647`},
		"quota of x":  {[]string{"emulator", "--quota", "rules-per-filter=x"}, `"x" is not a whole number: write rules-per-filter=10`},
		"variant":     {[]string{"emulator", "--variant", "vnis"}, `there is no variant "vnis": write one of ` + strings.Join(emulator.VariantNames(), ", ")},
		"nothing":     {[]string{"emulator", "dump", "--path", filepath.Join(folder, "none.db")}, "--path names the file to print"},
		"topology":    {[]string{"emulator", "--path", db, "--topology", bad}, "Error: topology " + bad + ": vpc is not a known key"},
		"store":       {[]string{"emulator", "--path", foreign, "--listen", "127.0.0.1:0"}, foreign},
		"address":     {[]string{"emulator", "--path", db, "--listen", "127.0.0.1:99999"}, "choose another address with --listen"},
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
	return startedUntil(t, "AWS_SECRET_ACCESS_KEY", append([]string{"emulator", "--listen", "127.0.0.1:0"}, args...)...)
}

// startedUntil runs a command until the test ends, and returns what it printed as soon as that has
// a text.
func startedUntil(t *testing.T, ready string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	status := make(chan int, 1)
	go func() {
		var errs bytes.Buffer
		status <- cli.Main(ctx, "1.2.3", args, strings.NewReader(""), in, &errs)
		in.CloseWithError(io.EOF)
	}()
	t.Cleanup(func() {
		stop()
		go io.Copy(io.Discard, out)
		if s := <-status; s != 0 {
			t.Errorf("%q ends with %d", args, s)
		}
	})
	var printed bytes.Buffer
	buffer := make([]byte, 4096)
	for !strings.Contains(printed.String(), ready) {
		n, err := out.Read(buffer)
		printed.Write(buffer[:n])
		if err != nil {
			t.Fatalf("it printed only %q", printed.String())
		}
	}
	return printed.String()
}

// The printed lines are enough to use the emulator. It keeps its content when it
// is stopped.
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

// Quotas and variants that are given replace the defaults, and the others stay.
func TestEmulator_quotasAndVariants(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	topology := filepath.Join(folder, "topology.json")
	if err := os.WriteFile(topology, []byte(`{ "network_interfaces": [{ "id": "eni-00000000000000001" }, { "id": "eni-00000000000000002" }] }`), 0o600); err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, started(t, "--path", filepath.Join(folder, "ec2.db"), "--topology", topology,
		"--quota", "filters-per-account=1", "--quota", "targets-per-account=5", "--quota", "targets-per-account=1", "--variant", "unique-vnis", "--variant", "attached-sources"), "test")
	filter, err := c.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	checkCode(t, "a second filter", err, "TrafficMirrorFilterLimitExceeded")
	target, err := c.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String("eni-00000000000000001")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String("eni-00000000000000002")})
	checkCode(t, "a second target", err, "TrafficMirrorTargetLimitExceeded")
	_, err = c.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String("eni-00000000000000002"), SessionNumber: aws.Int32(1),
		TrafficMirrorTargetId: target.TrafficMirrorTarget.TrafficMirrorTargetId, TrafficMirrorFilterId: filter.TrafficMirrorFilter.TrafficMirrorFilterId,
	})
	checkCode(t, "a source that is not attached", err, "NetworkInterfaceNotSupported")
}

func checkCode(t *testing.T, what string, err error, want string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

// The emulator serves HTTPS with the given certificate.
func TestEmulator_tls(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	certificate, trusted := writeCertificate(t, folder)
	printed := started(t, "--path", filepath.Join(folder, "ec2.db"), "--tls-cert", filepath.Join(folder, "cert.pem"), "--tls-key", filepath.Join(folder, "key.pem"))
	if !strings.Contains(printed, "AWS_ENDPOINT_URL_EC2=https://127.0.0.1:") {
		t.Fatalf("it prints\n%s", printed)
	}
	for name, test := range map[string]struct {
		config *tls.Config
		works  bool
	}{
		"trusted":     {&tls.Config{RootCAs: trusted}, true},
		"not trusted": {&tls.Config{RootCAs: x509.NewCertPool()}, false},
		"TLS 1.1":     {&tls.Config{RootCAs: trusted, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, false},
	} {
		var shown []byte
		test.config.VerifyConnection = func(s tls.ConnectionState) error { shown = s.PeerCertificates[0].Raw; return nil }
		client := clientOf(t, printed, "test", func(o *ec2.Options) {
			o.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: test.config}}
		})
		_, err := client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
		if (err == nil) != test.works || test.works && !bytes.Equal(shown, certificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// writeCertificate makes a certificate for 127.0.0.1 and writes it and its key
// into a folder. It also returns a pool that trusts only this certificate.
func writeCertificate(t *testing.T, folder string) ([]byte, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: true}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: certificate}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	return certificate, trusted
}

// Loading a dump into another store and dumping that gives the same dump.
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

// clientOf returns a client that is configured by the lines that the emulator
// prints.
func clientOf(t *testing.T, printed, secret string, change ...func(*ec2.Options)) *ec2.Client {
	t.Helper()
	exported := map[string]string{}
	for _, match := range regexp.MustCompile(`(AWS_\w+)=(\S+)`).FindAllStringSubmatch(printed, -1) {
		exported[match[1]] = match[2]
	}
	return ec2.New(ec2.Options{
		Region: exported["AWS_REGION"], BaseEndpoint: aws.String(exported["AWS_ENDPOINT_URL_EC2"]), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(exported["AWS_ACCESS_KEY_ID"], secret, ""),
	}, change...)
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

// The schema is JSON. It has every resource, and a description for every
// attribute.
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
