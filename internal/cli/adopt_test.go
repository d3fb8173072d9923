package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adoptable returns the file of an embedded EC2 with the objects of testdata/adopt.json.
func adoptable(t *testing.T) string { return adoptableWith(t) }

// adoptableWith is adoptable with texts replaced.
func adoptableWith(t *testing.T, oldnew ...string) string {
	t.Helper()
	file, err := os.ReadFile("testdata/adopt.json")
	if err != nil {
		t.Fatal(err)
	}
	dump := strings.NewReplacer(oldnew...).Replace(string(file))
	path := filepath.Join(t.TempDir(), "ec2.db")
	if status, _, errs := runWith(t, dump, "emulator", "load", "--path", path); status != 0 {
		t.Fatalf("load ends with %d: %s", status, errs)
	}
	return path
}

// adopt runs the command in us-east-1.
func adopt(t *testing.T, path string, flags ...string) (status int, stdout, stderr string) {
	t.Helper()
	return run(t, append([]string{"adopt", "--emulator", path, "--region", "us-east-1"}, flags...)...)
}

// The command writes all that exists, with references and names.
func TestAdopt_all(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/adopted.tf")
	if err != nil {
		t.Fatal(err)
	}
	status, out, errs := adopt(t, adoptable(t))
	if status != 0 || out != string(want) {
		t.Errorf("ends with %d and writes\n%s%s", status, out, errs)
	}
	if want := "1 target, 2 filters, 2 sessions in us-east-1. Nothing was changed in EC2.\n"; errs != want {
		t.Errorf("the summary is\n%s", errs)
	}
}

// Each flag narrows what is written, or changes its form.
func TestAdopt_flags(t *testing.T) {
	t.Parallel()
	path := adoptable(t)
	for name, c := range map[string]struct {
		flags         []string
		want, without []string
		messages      string
	}{
		"separate rules": {
			[]string{"--kind", "filter", "--kind", "filter_rule"},
			[]string{
				"to = trafficmirror_filter_rule.the_rest\n", "to = trafficmirror_filter_rule.web_tier_ingress_200\n", "traffic_mirror_filter_id = trafficmirror_filter.web_tier_tmf_0123456789abcdef0.id\n",
				"  traffic_direction        = \"ingress\"\n", "  rule_number              = 1000\n", `  network_services = ["amazon-dns"]`,
			},
			[]string{"ingress_rules", "trafficmirror_session"}, "2 filters, 2 filter rules in us-east-1.",
		},
		"a rule that the selection has not": {
			[]string{"--kind", "filter", "--kind", "filter_rule", "--tag", "managed=yes"},
			nil, []string{"trafficmirror_filter_rule"},
			"Warning: The selection has tmf-0123456789abcdef0, but not all of its rules: ingress 200, ingress 1000. This configuration does not manage these rules.\n1 filter in us-east-1.",
		},
		"rules alone": {
			[]string{"--kind", "filter_rule"}, []string{`traffic_mirror_filter_id = "tmf-0123456789abcdef0"`, "trafficmirror_filter_rule\" \"ingress_200_of_tmf_0123456789abcdef0\""}, nil, "2 filter rules in us-east-1.",
		},
		"sessions alone": {
			[]string{"--kind", "session", "--interface", "eni-0a1b2c3d4e5f60001", "--name-prefix", "old-"},
			[]string{`resource "trafficmirror_session" "old-web_1_costs" {`, `Name = "web-1: $${costs}"`, `traffic_mirror_target_id = "tmt-0f1e2d3c4b5a69788"`}, []string{"tms-0aa0000000000000b"}, "1 session in us-east-1.",
		},
		"two Regions": {
			[]string{"--region", "eu-west-1", "--kind", "filter"},
			[]string{"trafficmirror_filter.web_tier_tmf_0ed1a5c3b2f4e6789", `"tmf-0ed1a5c3b2f4e6789@eu-west-1"`, `region        = "eu-west-1"`, "trafficmirror_filter.web_tier_tmf_0123456789abcdef1"}, nil, "3 filters in us-east-1, eu-west-1.",
		},
		"a Region twice": {[]string{"--region", "us-east-1", "--kind", "filter"}, []string{"trafficmirror_filter.web_tier_tmf_0123456789abcdef0"}, []string{"0_\n"}, "2 filters in us-east-1."},
		"unmanaged": {
			[]string{"--unmanaged", "--managed-by-tag", "managed=yes", "--kind", "filter"}, []string{"trafficmirror_filter.web_tier\n"}, []string{"tmf-0123456789abcdef0"}, "1 filter in us-east-1.",
		},
		"a default tag": {
			[]string{"--default-tag", "team=netsec", "--tag", "team=netsec"}, []string{"  tags = {\n    Name = \"web-1: $${costs}\"\n  }\n"}, nil, "1 session in us-east-1.",
		},
		"idle":    {[]string{"--idle", "--kind", "filter"}, []string{"tmf-0123456789abcdef1@us-east-1"}, []string{"tmf-0123456789abcdef0"}, "1 filter in us-east-1."},
		"nothing": {[]string{"--tag", "team=web"}, nil, []string{"resource"}, "Nothing in us-east-1 meets the conditions.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errs := adopt(t, path, c.flags...)
			if status != 0 || !strings.HasPrefix(errs, c.messages) {
				t.Errorf("ends with %d, and says\n%s", status, errs)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("without %q:\n%s", want, out)
				}
			}
			for _, unwanted := range c.without {
				if strings.Contains(out, unwanted) {
					t.Errorf("with %q:\n%s", unwanted, out)
				}
			}
		})
	}
}

// A rule has the name of its tag also if its filter is selected.
func TestAdopt_ruleName(t *testing.T) {
	t.Parallel()
	path := adoptableWith(t, "\"tags\": {\n", "\"tags\": {\n\"tmfr-00000000000000004\": {\"Name\":\"Office SSH\"},\n")
	if _, out, errs := adopt(t, path, "--kind", "filter", "--kind", "filter_rule"); !strings.Contains(out, "to = trafficmirror_filter_rule.office_ssh\n") {
		t.Errorf("without the name of the rule:\n%s%s", out, errs)
	}
}

// Without --region, the messages name the Region of the environment.
func TestAdopt_ownRegion(t *testing.T) {
	t.Setenv("AWS_REGION", "us-east-1")
	path := adoptable(t)
	for want, flags := range map[string][]string{
		"Nothing in us-east-1 meets the conditions.\n":         {"--tag", "team=web", "--kind", "target"},
		"1 target in us-east-1. Nothing was changed in EC2.\n": {"--kind", "target"},
	} {
		if status, _, errs := run(t, append([]string{"adopt", "--emulator", path}, flags...)...); status != 0 || errs != want {
			t.Errorf("ends with %d: %s", status, errs)
		}
	}
}

// With --out, imports and resources are in two files. No file is overwritten.
func TestAdopt_out(t *testing.T) {
	t.Parallel()
	path, folder := adoptable(t), filepath.Join(t.TempDir(), "new", "folder")
	status, out, errs := adopt(t, path, "--out", folder)
	if status != 0 || out != "" {
		t.Fatalf("ends with %d and prints %s%s", status, out, errs)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	imports, resources := read("trafficmirror_imports.tf"), read("trafficmirror.tf")
	if strings.Count(imports, "import {") != 5 || strings.Contains(imports, "resource") || strings.Count(resources, "\nresource ") != 4 || strings.Contains(resources, "import") {
		t.Errorf("imports:\n%s\nresources:\n%s", imports, resources)
	}
	if err := os.Remove(filepath.Join(folder, "trafficmirror_imports.tf")); err != nil {
		t.Fatal(err)
	}
	status, _, errs = adopt(t, path, "--out", folder)
	if want := "Error: " + filepath.Join(folder, "trafficmirror.tf") + " exists already. Write another folder in --out, or remove the file\n"; status != 1 || errs != want {
		t.Errorf("ends with %d: %s", status, errs)
	}
	if _, err := os.Stat(filepath.Join(folder, "trafficmirror_imports.tf")); err == nil || read("trafficmirror.tf") != resources {
		t.Error("a refused command has written a file")
	}
}

// What is wrong is said with the names of the flags.
func TestAdopt_refuses(t *testing.T) {
	t.Parallel()
	path := adoptable(t)
	for want, flags := range map[string][]string{
		`--interface is "i-1". Write the ID of a network interface: "eni-" and 17 hexadecimal digits`: {"--interface", "i-1"},
		`--vpc is "x". Write the ID of a VPC`:                                             {"--vpc", "x"},
		`--managed-by-tag is missing. EC2 does not show which objects`:                    {"--unmanaged"},
		`--managed-by-tag is empty`:                                                       {"--unmanaged", "--managed-by-tag", "=x"},
		`--region is empty. Write the name of a Region`:                                   {"--region", ""},
		`--kind is "rule". Write one of target, filter, filter_rule, session`:             {"--kind", "rule"},
		`--tag is "team". Write KEY=VALUE, each key once`:                                 {"--tag", "team"},
		`--tag is "a=2". Write KEY=VALUE, each key once`:                                  {"--tag", "a=1", "--tag", "a=2"},
		`--name-prefix is "1-". Write letters, digits, _ and -, with a letter or _ first`: {"--name-prefix", "1-"},
		`Conflicting provider arguments. profile is set together with emulator`:           {"--profile", "p"},
		`"mars" is not the name of an AWS Region`:                                         {"--region", "mars"},
		`Region of another partition`:                                                     {"--region", "cn-north-1"},
		`reading the topology`:                                                            {"--topology", "no-such-file.json"},
	} {
		if status, out, errs := adopt(t, path, flags...); status != 1 || out != "" || !strings.HasPrefix(errs, "Error: ") || !strings.Contains(errs, want) {
			t.Errorf("%v ends with %d and prints\n%s%s", flags, status, out, errs)
		}
	}
	missing := filepath.Join(t.TempDir(), "ec2.db")
	if status, _, errs := adopt(t, missing); status != 1 || !strings.Contains(errs, "--emulator: ") {
		t.Errorf("without the file, adopt ends with %d: %s", status, errs)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("adopt has made the file")
	}
	if status, _, errs := run(t, "adopt", "--topology", "x.json"); status != 1 || !strings.Contains(errs, "Add --emulator, or remove it") {
		t.Errorf("--topology alone ends with %d: %s", status, errs)
	}
}
