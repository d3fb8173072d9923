package plugin

import (
	"maps"
	"testing"
)

// The provider writes the lines that the CLI shows. Who asks for more of the SDK gets it.
func TestLevels(t *testing.T) {
	t.Parallel()
	of := func(level string) map[string]string {
		return map[string]string{
			"TF_LOG_SDK": level, "TF_LOG_SDK_PROTO": level, "TF_LOG_SDK_FRAMEWORK": level, "TF_LOG_PROVIDER_TRAFFICMIRROR": level,
		}
	}
	own := func(level string) map[string]string {
		return map[string]string{"TF_LOG_PROVIDER_TRAFFICMIRROR": level}
	}
	for name, c := range map[string]struct{ env, want map[string]string }{
		"nothing":         {nil, of("error")},
		"off":             {map[string]string{"TF_LOG": "off"}, of("error")},
		"a path alone":    {map[string]string{"TF_LOG_PATH": "log"}, of("error")},
		"of the core":     {map[string]string{"TF_LOG_CORE": "trace"}, of("error")},
		"trace":           {map[string]string{"TF_LOG": "TRACE"}, of("TRACE")},
		"warn":            {map[string]string{"TF_LOG": "WARN"}, of("WARN")},
		"JSON":            {map[string]string{"TF_LOG": "JSON"}, of("trace")},
		"unknown level":   {map[string]string{"TF_LOG": "1"}, of("trace")},
		"of the provider": {map[string]string{"TF_LOG": "error", "TF_LOG_PROVIDER": "debug"}, of("debug")},
		"provider off":    {map[string]string{"TF_LOG": "trace", "TF_LOG_PROVIDER": "off"}, of("error")},
		"file of all":     {map[string]string{"TF_TEMP_LOG_PATH": "log"}, of("trace")},
		"SDK":             {map[string]string{"TF_LOG_SDK": "debug"}, own("error")},
		"SDK's protocol":  {map[string]string{"TF_LOG_SDK_PROTO": "trace"}, own("error")},
		"SDK's framework": {map[string]string{"TF_LOG_SDK_FRAMEWORK": "trace", "TF_LOG": "info"}, own("info")},
		"this provider":   {map[string]string{"TF_LOG_PROVIDER_TRAFFICMIRROR": "trace", "TF_LOG": "warn"}, without(of("warn"), "TF_LOG_PROVIDER_TRAFFICMIRROR")},
	} {
		if got := levels(func(name string) string { return c.env[name] }); !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func without(all map[string]string, name string) map[string]string {
	delete(all, name)
	return all
}

// The heap may grow to enoughHeap before a collection, whatever is alive, and to Go's own
// limit where that is more.
func TestPercent(t *testing.T) {
	t.Parallel()
	const mebibyte = 1 << 20
	for alive, want := range map[uint64]int{
		0: 100, 1: 800, mebibyte: 800, 4 * mebibyte: 700, 8 * mebibyte: 300, 16 * mebibyte: 100, 17 * mebibyte: 100, 1000 * mebibyte: 100,
	} {
		if got := percent(alive); got != want {
			t.Errorf("%d bytes alive: GOGC %d, want %d", alive, got, want)
		}
	}
}

// The commands set the variable to exactly the value, also one with quotes.
func TestSettings(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{
		"linux":   "\tTF_REATTACH_PROVIDERS='{\"it'\"'\"'s\"}'\n",
		"windows": "\tCommand Prompt:\tset \"TF_REATTACH_PROVIDERS={\"it's\"}\"\n\tPowerShell:\t$env:TF_REATTACH_PROVIDERS='{\"it''s\"}'\n",
	} {
		if got := settings(system, `{"it's"}`); got != want {
			t.Errorf("%s: %q, want %q", system, got, want)
		}
	}
}
