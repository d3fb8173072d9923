package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// listenerAttribute is an attribute of listeners with its default and its values
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html).
type listenerAttribute struct {
	attributeRule
	initial   string
	protocols []string // "": that of a Gateway Load Balancer
}

var listenerAttributes = []listenerAttribute{
	{attributeRule{"send_tcp_reset.on_idle_timeout.enabled", isFlag, "true or false"}, "false", []string{""}},
	{attributeRule{"tcp.idle_timeout.seconds", between(60, 6000), "a number of seconds from 60 to 6000"}, "350", []string{onTCP, onTCPUDP, ""}},
}

func writeListenerAttributes(x *query.Writer, v listener) {
	all := map[string]string{}
	for _, a := range listenerAttributes {
		if slices.Contains(a.protocols, v.Protocol) {
			all[a.key] = a.initial
		}
	}
	for key, text := range v.Attributes {
		if _, has := all[key]; has { // the protocol can have changed
			all[key] = text
		}
	}
	writeBalancingMap(x, "Attributes", all)
}

func describeListenerAttributes(q *query.Query) operation {
	return describeAttributes(needListenerARN(q), needListener, writeListenerAttributes)
}

func modifyListenerAttributes(q *query.Query) operation {
	return modifyAttributes(listeners, q, needListenerARN(q), needListener, listener.withAttributes, writeListenerAttributes)
}

// withAttributes returns a listener with more attributes. Clients look for "is not supported" in the message.
func (v listener) withAttributes(given map[string]string) (listener, error) {
	set, err := withEach(v.Attributes, given, func(into map[string]string, key, text string) error {
		i := slices.IndexFunc(listenerAttributes, func(a listenerAttribute) bool { return a.key == key })
		switch {
		case strings.HasPrefix(key, "routing.http."), i >= 0 && !slices.Contains(listenerAttributes[i].protocols, v.Protocol):
			return query.Refuse("InvalidConfigurationRequest", "Listener attribute key '%s' is not supported on listeners with the protocol '%s'", key, protocolInWords(v))
		case i < 0:
			return unknownAttribute("Listener", key)
		}
		into[key] = text
		return listenerAttributes[i].refuse("listener", text)
	})
	v.Attributes = set
	return v, err
}
