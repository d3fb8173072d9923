// Command gotest runs `go test` with the arguments it is given, shows what failed, and closes with the number of tests, which
// `go test` itself does not tell:
//
//	312 passed, 0 failed, 4 skipped
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	passed, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
	}
	if !passed {
		os.Exit(1)
	}
}

func run(args []string) (passed bool, err error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	r := newReport(os.Stdout)
	readErr := read(events, r)
	exitErr := cmd.Wait()
	r.close()
	return readErr == nil && exitErr == nil && r.failed == 0, readErr
}

// read gives the report each line of the output of `go test -json`. Lines that are no event, such as a complaint about an argument, are
// shown as they are.
func read(events io.Reader, r *report) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) != nil:
			r.print(string(line))
		default:
			r.add(e)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
