//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// A named pipe would make an apply wait forever. It is refused wherever a file is named,
// and stays. An output that is a link stays a link.
func TestAccSimulation_pipes(t *testing.T) {
	c := newSimulationCase(t)
	pipe := c.path("pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("mirrored.pcap", c.path("link.pcap")); err != nil {
		t.Fatal(err)
	}
	refused := regexp.MustCompile(`(?s)pipe"?,?\s+(which\s+)?is\s+a\s+named\s+pipe[.:]\s+[Ww]rite\s+the\s+path\s+of\s+a\s+(capture\s+)?file`)
	linked := strings.Replace(c.output(), "mirrored.pcap", "link.pcap", 1)
	c.test(t, resource.TestStep{
		Config: c.mirrored("", strings.Replace(c.capture(), "web.pcap", "pipe", 1)), ExpectError: refused,
	}, resource.TestStep{
		Config: c.mirrored("", c.capture()+strings.Replace(c.output(), "mirrored.pcap", "pipe", 1)), ExpectError: refused,
	}, resource.TestStep{
		Config: strings.Replace(c.mirrored("", c.capture()), "topology.json", "pipe", 1), ExpectError: refused,
	}, resource.TestStep{
		Config:      strings.Replace(c.mirrored("", c.capture()), "ec2.db", "pipe", 1),
		ExpectError: regexp.MustCompile(`pipe:\s+it\s+is\s+a\s+named\s+pipe;\s+choose\s+another\s+path`),
	}, resource.TestStep{
		Config: c.mirrored("", c.capture()+linked),
		Check: func(*terraform.State) error {
			if to, err := os.Readlink(c.path("link.pcap")); to != "mirrored.pcap" || err != nil {
				return fmt.Errorf("the link leads to %q, %w", to, err)
			}
			return checkCopies(c.path("mirrored.pcap"), 50+128)
		},
	})
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe does not stay: %v, %v", info, err)
	}
	if _, err := os.Stat(c.path("mirrored.pcap")); !os.IsNotExist(err) {
		t.Errorf("the output stays after the destroy: %v", err)
	}
	if _, err := os.Lstat(c.path("link.pcap")); err != nil {
		t.Errorf("the link does not stay: %v", err)
	}
}
