package emulator_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

const actionsGuide = "../../templates/guides/emulator-actions.md"

var quotedWord = regexp.MustCompile("`((?:elasticloadbalancing:)?[A-Za-z0-9]+)`")

// The guide has every action that the embedded EC2 has, and says InvalidAction of none
// of them; an action that the guide calls supported is there. Each is named once.
func TestActionsGuide(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(actionsGuide)
	fatal(t, err)
	supported := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		columns := strings.Split(strings.TrimSpace(line), "|")
		if len(columns) != 5 || !strings.Contains(columns[2], "`") {
			continue
		}
		for _, word := range quotedWord.FindAllStringSubmatch(columns[2], -1) {
			if _, twice := supported[word[1]]; twice {
				t.Errorf("%s names %s twice", actionsGuide, word[1])
			}
			supported[word[1]] = !strings.HasPrefix(strings.TrimSpace(columns[3]), "`InvalidAction`")
		}
	}
	if len(supported) < 100 {
		t.Fatalf("%s has only %d actions that look like one", actionsGuide, len(supported))
	}
	have := emulator.ActionNames()
	for _, name := range have {
		if !supported[name] {
			t.Errorf("%s does not have %s as supported", actionsGuide, name)
		}
	}
	for name, ok := range supported {
		if ok && !slices.Contains(have, name) {
			t.Errorf("%s says what is supported of %s, which answers InvalidAction", actionsGuide, name)
		}
	}
}
