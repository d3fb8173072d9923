package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Failures with one cause are one message, with the trace of the first and the names of the others. A
// failure whose cause is its own stays alone. Counts are exact.
func TestAlike_detail(t *testing.T) {
	t.Parallel()
	failure := func(i int, cause string) unexpected {
		return unexpected{
			at: path.Root("expect").AtListIndex(i), text: fmt.Sprintf("broken %d", i), cause: cause, name: fmt.Sprintf("expect[%d] (packet \"%d\": mirrored = true)", i, i),
		}
	}
	var many []unexpected
	for i := range 23 {
		many = append(many, failure(i, "lost"))
	}
	for name, test := range map[string]struct {
		found []unexpected
		want  []string
	}{
		"alone":     {[]unexpected{failure(0, ""), failure(1, "")}, []string{"broken 0", "broken 1"}},
		"together":  {[]unexpected{failure(0, "lost"), failure(1, "lost")}, []string{"broken 0\nFor the same reason, 1 more expectation does not hold:\n  expect[1] (packet \"1\": mirrored = true)"}},
		"two kinds": {[]unexpected{failure(0, "lost"), failure(1, ""), failure(2, "other"), failure(3, "lost")}, []string{"broken 0\nFor the same reason, 1 more expectation does not hold:\n  expect[3] (packet \"3\": mirrored = true)", "broken 1", "broken 2"}},
		"none":      {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, g := range byCause(test.found) {
				got = append(got, g.detail(nil))
			}
			if strings.Join(got, "|") != strings.Join(test.want, "|") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	text := byCause(many)[0].detail(nil)
	if !strings.Contains(text, "22 more expectations do not hold:\n  expect[1] ") || !strings.Contains(text, "\n  expect[20] (packet \"20\": mirrored = true)\n  and 2 more") || strings.Contains(text, "expect[21]") {
		t.Error(text)
	}
}
