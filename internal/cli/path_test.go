package cli_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	pathTopology = "../path/testdata/topology.json"
	pathSource   = "eni-00000000000000001"
	pathSensor   = "eni-00000000000000002"
)

// pathIn runs the command on an embedded AWS with the topology of package path, with texts replaced.
func pathIn(t *testing.T, to string, oldnew []string, flags ...string) (status int, stdout, stderr string) {
	t.Helper()
	folder := t.TempDir()
	topology := filepath.Join(folder, "topology.json")
	text := strings.NewReplacer(oldnew...).Replace(string(mustRead(t, pathTopology)))
	if err := os.WriteFile(topology, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"path", "--path", filepath.Join(folder, "ec2.db"), "--topology", topology, "--region", "us-east-1", "--from", pathSource, "--to", to}
	return run(t, append(args, flags...)...)
}

// The exit status and the text say whether copies get through, and what to change.
func TestPath_status(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to     string
		oldnew []string
		status int
		out    []string
		errs   string
	}{
		"passes": {pathSensor, nil, 0, []string{"From eni-00000000000000001 to eni-00000000000000002: passes", "Nothing that is known blocks copies"}, ""},
		"blocked": {
			pathSensor, []string{`"cidr_block": "10.0.1.0/24" }
    ] },`, `"cidr_block": "10.7.0.0/16" }
    ] },`}, 2,
			[]string{": blocked\n", "only from 10.7.0.0/16, not from 10.0.1.10", "Add an inbound rule to sg-00000000000000002 that allows UDP port 4789 from 10.0.1.10."}, "Error: copies are blocked\n",
		},
		"partly": {
			"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef",
			[]string{`"private_ip_address": "10.0.4.10", "security_groups": ["sg-00000000000000003"]`, `"private_ip_address": "10.0.4.10", "security_groups": ["sg-00000000000000001"]`}, 2,
			[]string{": partly\n", "Some copies are lost, and others get through. ", "Add an inbound rule to sg-00000000000000001 that allows UDP port 4789 from 10.0.1.10."}, "Error: copies for some appliances are lost\n",
		},
		"cut":     {pathSensor, []string{`"mtu": 9001`, `"mtu": 1500`}, 0, []string{": passes\n", "Copies of packets longer than 1446 bytes arrive cut: the MTU of eni-00000000000000002 is 1500."}, ""},
		"unknown": {"eni-00000000000000009", []string{`"target": "pcx-00000000000000001"`, `"target": "tgw-00000000000000001"`}, 3, []string{": unknown\n", "transit gateway"}, "Error: it is unknown whether copies get through\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errs := pathIn(t, c.to, c.oldnew)
			if status != c.status || errs != c.errs {
				t.Errorf("ends with %d, want %d: %s\n%s", status, c.status, errs, out)
			}
			for _, want := range c.out {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// The JSON has the fields of the published schema, and no others.
func TestPath_json(t *testing.T) {
	t.Parallel()
	_, schema, _ := run(t, "path", "--result-schema")
	status, out, errs := pathIn(t, pathSensor, nil, "--format", "json")
	var s, answer map[string]any
	if status != 0 || json.Unmarshal([]byte(schema), &s) != nil || json.Unmarshal([]byte(out), &answer) != nil {
		t.Fatalf("ends with %d: %s%s", status, out, errs)
	}
	checkDescribed(t, "path", s, answer)
	if published := string(mustRead(t, "../../templates/schemas/path.schema.json")); published != schema {
		t.Error("templates/schemas/path.schema.json is not what path --result-schema prints")
	}
}

// Without --region, it looks in the Region of the topology file, and otherwise says where it looks.
func TestPath_region(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	folder := t.TempDir()
	text := string(mustRead(t, pathTopology))
	for name, c := range map[string]struct {
		region, environment string
		said                string
	}{
		"topology":                 {"us-west-2", "", ""},
		"topology and environment": {"us-west-2", "eu-north-1", ""},
		"nothing":                  {"", "", ""},
	} {
		topology := filepath.Join(folder, name+".json")
		if err := os.WriteFile(topology, []byte(strings.ReplaceAll(strings.Replace(text, "{", `{"region": "`+c.region+`",`, 1), "us-east-1", cmp.Or(c.region, "us-east-1"))), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_REGION", c.environment)
		status, out, errs := run(t, "path", "--path", filepath.Join(folder, name+".db"), "--topology", topology, "--from", pathSource, "--to", pathSensor)
		if status != 0 || errs != c.said {
			t.Errorf("%s: ends with %d: %s%s", name, status, out, errs)
		}
	}
	t.Setenv("AWS_REGION", "") // a store has what clients have made, and not its topology
	status, _, errs := run(t, "path", "--path", filepath.Join(folder, "topology.db"), "--from", pathSource, "--to", pathSensor)
	if status != 2 || !strings.Contains(errs, "It shows Region us-east-1: no Region of ") {
		t.Errorf("a store: ends with %d: %s", status, errs)
	}
}

// What is wrong with the arguments is said before anything is asked.
func TestPath_refuses(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "ec2.db")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing":         {nil, "Write --from and --to"},
		"no interface":    {[]string{"--from", "i-00000000000000001", "--to", pathSensor}, `--from is "i-00000000000000001"`},
		"no target":       {[]string{"--from", pathSource, "--to", "i-00000000000000001"}, `--to is "i-00000000000000001"`},
		"gateway":         {[]string{"--from", pathSource, "--to", "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/x/0123456789abcdef"}, "endpoint"},
		"format":          {[]string{"--from", pathSource, "--to", pathSensor, "--format", "xml"}, "Write text or json"},
		"topology":        {[]string{"--from", pathSource, "--to", pathSensor, "--topology", "x.json"}, "Add --path"},
		"file is missing": {[]string{"--from", pathSource, "--to", pathSensor, "--path", missing}, "no such file"},
	} {
		status, _, errs := run(t, append([]string{"path"}, c.args...)...)
		if status != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: ends with %d: %s", name, status, errs)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the command made a file")
	}
}
