//go:build unix

package docs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

const requiredProviders = `
terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}
`

const ownProvider = `
provider "trafficmirror" {
  region   = "eu-west-1"
  emulator = {
    path     = "ec2.db"
    topology = "topology.json"
  }
}
`

var (
	awsReference  = regexp.MustCompile(`\baws_[a-z_]+\.[a-z_]+\.[a-z_]+\b`)
	ownReference  = regexp.MustCompile(`\b(trafficmirror_[a-z_]+)\.([a-z_0-9]+)\b`)
	ownDefinition = regexp.MustCompile(`(?m)^resource "(trafficmirror_[a-z_]+)" "([a-z_0-9]+)"`)
	dataReference = regexp.MustCompile(`\bdata\.trafficmirror_[a-z_]+\.[a-z_0-9]+`)
)

// complete makes a block a configuration that can be applied: it adds the provider and the objects that
// pages take for granted, and writes IDs for references to provider aws.
func complete(t *testing.T, text string) string {
	t.Helper()
	parts := granted(t)
	for added := true; added; {
		added = false
		for _, missing := range undefined(text) {
			part, ok := parts[missing]
			if !ok {
				t.Fatalf("%s is neither in the block nor among what the pages take for granted: see testdata/granted.tf", missing)
			}
			text, added = text+"\n"+part, true
		}
	}
	text = replaceAWS(t, text)
	if !strings.Contains(text, "required_providers") {
		text = requiredProviders + text
	}
	if !strings.Contains(text, `provider "trafficmirror" {`) {
		text += ownProvider
	}
	return text
}

// undefined are the resources that a configuration refers to and does not have.
func undefined(text string) []string {
	defined := map[string]bool{}
	for _, d := range ownDefinition.FindAllStringSubmatch(text, -1) {
		defined[d[1]+"."+d[2]] = true
	}
	var missing []string
	for _, r := range ownReference.FindAllString(dataReference.ReplaceAllString(withoutMoves(text), ""), -1) {
		if !defined[r] && !slices.Contains(missing, r) {
			missing = append(missing, r)
		}
	}
	return missing
}

var (
	moves    = regexp.MustCompile(`(?s)\b(moved|removed) \{.*?\n\}`)
	comments = regexp.MustCompile(`(?m)#.*$`)
)

// withoutMoves leaves out what names objects that are gone.
func withoutMoves(text string) string {
	return comments.ReplaceAllString(moves.ReplaceAllString(text, ""), "")
}

// granted are the resources of testdata/granted.tf by address.
func granted(t *testing.T) map[string]string {
	t.Helper()
	text := readFile(t, "testdata/granted.tf")
	parts := map[string]string{}
	for _, block := range parseHCL(t, text).Blocks {
		parts[strings.Join(block.Labels, ".")] = text[block.Range().Start.Byte:block.CloseBraceRange.End.Byte] + "\n"
	}
	return parts
}

func parseHCL(t *testing.T, text string) *hclsyntax.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "block.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	body, _ := file.Body.(*hclsyntax.Body)
	return body
}

// replaceAWS writes the IDs of testdata/aws.json for references to resources that the block does not have.
func replaceAWS(t *testing.T, text string) string {
	t.Helper()
	ids := map[string]string{}
	if err := json.Unmarshal([]byte(readFile(t, "testdata/aws.json")), &ids); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, `resource "aws_`) {
		return text
	}
	return awsReference.ReplaceAllStringFunc(text, func(reference string) string {
		id, ok := ids[reference]
		if !ok {
			return reference
		}
		return fmt.Sprintf("%q", id)
	})
}

// insert puts arguments into a resource that pages take for granted, or into the provider block. They
// replace arguments of the same name.
func insert(t *testing.T, place, arguments string) string {
	t.Helper()
	text := ownProvider
	if place != "provider" {
		text = granted(t)[place]
	}
	if text == "" {
		t.Fatalf("%q is not among what the pages take for granted: see testdata/granted.tf", place)
	}
	file, diags := hclwrite.ParseConfig([]byte(text), "granted.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body := file.Body().Blocks()[0].Body()
	for name := range parseHCL(t, arguments).Attributes {
		body.RemoveAttribute(name)
	}
	filled := strings.TrimRight(string(file.Bytes()), "\n ")
	return strings.TrimSuffix(filled, "}") + arguments + "}\n"
}
