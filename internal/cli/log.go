package cli

import (
	"context"
	"io"
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// newLogger returns a logger for the warnings of a command, and for its debug
// messages if it is verbose. Its lines look like those of provider logs.
func newLogger(stderr io.Writer, verbose bool) *slog.Logger {
	level := hclog.Warn
	if verbose {
		level = hclog.Debug
	}
	return slog.New(logHandler{hclog.New(&hclog.LoggerOptions{Name: "trafficmirror", Level: level, Output: stderr})})
}

// logHandler passes records of log/slog to hclog.
type logHandler struct{ to hclog.Logger }

// levels maps the levels of log/slog to those of hclog, the highest first.
var levels = []struct {
	from slog.Level
	to   hclog.Level
}{{slog.LevelError, hclog.Error}, {slog.LevelWarn, hclog.Warn}, {slog.LevelInfo, hclog.Info}}

func levelOf(l slog.Level) hclog.Level {
	for _, level := range levels {
		if l >= level.from {
			return level.to
		}
	}
	return hclog.Debug
}

// Enabled implements slog.Handler.
func (h logHandler) Enabled(_ context.Context, l slog.Level) bool {
	return levelOf(l) >= h.to.GetLevel()
}

// Handle implements slog.Handler.
func (h logHandler) Handle(_ context.Context, r slog.Record) error {
	var pairs []any
	r.Attrs(func(a slog.Attr) bool {
		pairs = append(pairs, a.Key, a.Value.Resolve().Any())
		return true
	})
	h.to.Log(levelOf(r.Level), r.Message, pairs...)
	return nil
}

// WithAttrs implements slog.Handler.
func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	var pairs []any
	for _, a := range attributes {
		pairs = append(pairs, a.Key, a.Value.Resolve().Any())
	}
	return logHandler{h.to.With(pairs...)}
}

// WithGroup ignores the group: no command uses groups.
func (h logHandler) WithGroup(string) slog.Handler { return h }
