package emulator

import (
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// listenerAttribute is an attribute of listeners with its default and its values
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html).
type listenerAttribute struct {
	key, initial string
	protocols    []string // "": that of a Gateway Load Balancer
	accepts      func(text string) bool
	values       string // in words
}

var listenerAttributes = []listenerAttribute{
	{"send_tcp_reset.on_idle_timeout.enabled", "false", []string{""}, isFlag, "true or false"},
	{"tcp.idle_timeout.seconds", "350", []string{onTCP, onTCPUDP, ""}, between(60, 6000), "a number of seconds from 60 to 6000"},
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
	arn := needListenerARN(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needListener(t, arn)
		if err == nil {
			writeListenerAttributes(x, v)
		}
		return err
	}
}

func modifyListenerAttributes(q *query.Query) operation {
	arn, changes := needListenerARN(q), readAttributes(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needListener(t, arn)
		if err != nil {
			return err
		}
		v.Attributes = maps.Clone(v.Attributes)
		for _, key := range slices.Sorted(maps.Keys(changes)) {
			if err := v.set(key, changes[key]); err != nil {
				return err
			}
		}
		listeners.put(t, arn, v)
		writeListenerAttributes(x, v)
		return t.err
	}
}

// set changes an attribute. Clients look for "attribute key '...' is not recognized" and "is not
// supported" in the message.
func (v *listener) set(key, text string) error {
	i := slices.IndexFunc(listenerAttributes, func(a listenerAttribute) bool { return a.key == key })
	switch {
	case strings.HasPrefix(key, "routing.http."), i >= 0 && !slices.Contains(listenerAttributes[i].protocols, v.Protocol):
		return query.Refuse("InvalidConfigurationRequest", "Listener attribute key '%s' is not supported on listeners with the protocol '%s'", key, protocolInWords(*v))
	case i < 0:
		return query.Refuse("ValidationError", "Listener attribute key '%s' is not recognized", key)
	case !listenerAttributes[i].accepts(text):
		return query.Refuse("ValidationError", "The value '%s' of the listener attribute '%s' is not valid. Write %s.", text, key, listenerAttributes[i].values)
	}
	if v.Attributes == nil {
		v.Attributes = map[string]string{}
	}
	v.Attributes[key] = text
	return nil
}
