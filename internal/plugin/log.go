package plugin

import (
	"cmp"
	"errors"
	"os"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// The loggers of this process that write every line unless their variable says less, and
// that the CLI shows all the same only from the level of TF_LOG or TF_LOG_PROVIDER on.
var (
	sdkLoggers     = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}
	providerLogger = "TF_LOG_PROVIDER_TRAFFICMIRROR"
)

// quieten sets the levels of the loggers that nothing else sets. Without it the libraries
// write 200 kB of lines for each object of a plan, which the CLI reads and drops.
func quieten() error {
	var err error
	for name, level := range levels(os.Getenv) {
		err = errors.Join(err, os.Setenv(name, level))
	}
	return err
}

// levels returns the levels to set, by variable. A logger below another has its level. So
// who sets the level of one of the SDK's gets what he would get without this function.
func levels(env func(string) string) map[string]string {
	set := map[string]string{}
	level := shown(env)
	if env(providerLogger) == "" {
		set[providerLogger] = level
	}
	for _, name := range sdkLoggers {
		if env(name) != "" {
			return set
		}
	}
	for _, name := range sdkLoggers {
		set[name] = level
	}
	return set
}

// shown returns the least level of a provider's lines that the CLI shows. Errors are
// written always, also for a program that is not Terraform or OpenTofu.
func shown(env func(string) string) string {
	level := cmp.Or(env("TF_LOG_PROVIDER"), env("TF_LOG"))
	switch {
	case env("TF_TEMP_LOG_PATH") != "": // a file of all lines, whatever their level
		return "trace"
	case level == "", strings.EqualFold(level, "off"):
		return "error"
	case hclog.LevelFromString(level) == hclog.NoLevel: // JSON, and what the CLI does not know
		return "trace"
	}
	return level
}
