package console

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	h "github.com/trafficmirror/terraform-provider-trafficmirror/internal/html"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// kindWord is what the pages call a kind of object.
func kindWord(k mirror.Kind) string {
	return strings.ReplaceAll(strings.TrimPrefix(k.Resource, "traffic-mirror-"), "-", " ")
}

// arnNode is the ARN of an object, or nil if its owner is not known.
func arnNode(a *account.Account, kind mirror.Kind, owner, id string) h.Node {
	if a.ID == "" && owner == "" {
		return nil
	}
	return code(a.ARN(kind, owner, id))
}
