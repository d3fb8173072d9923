package console

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// kindWord is what the pages call a kind of object.
func kindWord(k mirror.Kind) string {
	return strings.ReplaceAll(strings.TrimPrefix(k.Resource, "traffic-mirror-"), "-", " ")
}
