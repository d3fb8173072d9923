package console

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
)

// kindWord is what the pages call a kind of object.
func kindWord(k mirror.Kind) string {
	return strings.ReplaceAll(strings.TrimPrefix(k.Resource, "traffic-mirror-"), "-", " ")
}

// arnNode is the ARN of an object, or nil if its owner is not known.
func arnNode(a *account.Account, kind mirror.Kind, owner, id string) g.Node {
	if a.ID == "" && owner == "" {
		return nil
	}
	return code(a.ARN(kind, owner, id))
}
