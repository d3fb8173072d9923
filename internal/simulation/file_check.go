package simulation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// CanonicalPath returns one path for a file, however it is written. The file need not
// exist.
func CanonicalPath(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		absolute = filepath.Clean(path)
	}
	if target, _, err := regularfile.Target(absolute); err == nil {
		absolute = target // also where a link leads to a file that is missing
	}
	if resolved, err := filepath.EvalSymlinks(absolute); err == nil {
		return resolved
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(absolute)); err == nil {
		return filepath.Join(folder, filepath.Base(absolute))
	}
	return absolute
}

// CheckCapture returns a problem if a file cannot be read as a capture now: it is missing
// (mirror.Missing), no regular file (mirror.Invalid), or no capture (mirror.Malformed). It
// reads the head of the file only.
func CheckCapture(ctx context.Context, field, path string) mirror.Problems {
	problem := fileProblem(field, path)
	file, err := OpenCaptureFile(ctx, path)
	var kind *regularfile.KindError
	switch {
	case err == nil:
		file.Close()
		return nil
	case errors.As(err, &kind):
		return problem(mirror.Invalid, "which is "+kind.Kind(), "Write the path of a capture file")
	case errors.Is(err, fs.ErrNotExist):
		return problem(mirror.Missing, "and there is no such file", "Write a path that is absolute, or relative to the folder in which Terraform runs")
	}
	return problem(mirror.Malformed, "which cannot be read as a capture: "+err.Error(), "Write the path of a capture file: classic pcap or pcapng")
}

// CheckOutput returns a problem if a file cannot be written now: its folder is missing
// (mirror.Missing), or it is no regular file (mirror.Invalid).
func CheckOutput(_ context.Context, field, path string) mirror.Problems {
	problem := fileProblem(field, path)
	var kind *regularfile.KindError
	target, _, err := regularfile.Target(path) // a link stays, and the file behind it is written
	if errors.As(err, &kind) {
		return problem(mirror.Invalid, "which is "+kind.Kind(), "Write the path of a file")
	}
	if _, err := os.Stat(filepath.Dir(target)); errors.Is(err, fs.ErrNotExist) {
		return problem(mirror.Missing, "and its folder does not exist", "Create the folder first, or write another path")
	}
	return nil
}

func fileProblem(field, path string) func(kind mirror.ProblemKind, wrong, fix string) mirror.Problems {
	return func(kind mirror.ProblemKind, wrong, fix string) mirror.Problems {
		return mirror.Problems{{Kind: kind, Field: field, Wrong: fmt.Sprintf("is %q, %s", path, wrong), Fix: fix}}
	}
}
