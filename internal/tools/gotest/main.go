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
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	r := newReport(os.Stdout)
	readErr := read(events, r)
	waitErr := cmd.Wait()
	r.close()
	switch {
	case readErr != nil:
		return 1, readErr
	case waitErr != nil || r.failed > 0:
		return 1, nil
	}
	return 0, nil
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
