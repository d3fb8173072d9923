package plugin

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
)

// listen listens for the CLI: on a socket in a file, and on Windows on a port. go-plugin has a
// variable more, PLUGIN_UNIX_SOCKET_GROUP, for a client that runs as another user. A CLI is the
// parent of its provider, and runs as the same user.
func listen() (net.Listener, error) {
	if runtime.GOOS == "windows" {
		return listenOnPort(os.Getenv("PLUGIN_MIN_PORT"), os.Getenv("PLUGIN_MAX_PORT"))
	}
	file, err := os.CreateTemp(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "plugin")
	if err != nil {
		return nil, err
	}
	// The socket takes the name of the file, and removes it when it is closed.
	if err := errors.Join(file.Close(), os.Remove(file.Name())); err != nil { //nolint:gosec // its folder is the CLI's to choose
		return nil, err
	}
	return net.Listen("unix", file.Name())
}

// listenOnPort listens on the first free port of a range, or on any if there is no range.
func listenOnPort(from, to string) (net.Listener, error) {
	first, err := strconv.ParseUint(cmp.Or(from, "0"), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("PLUGIN_MIN_PORT is not a port: %w", err)
	}
	last, err := strconv.ParseUint(cmp.Or(to, "0"), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("PLUGIN_MAX_PORT is not a port: %w", err)
	}
	err = fmt.Errorf("there is no port from PLUGIN_MIN_PORT %d to PLUGIN_MAX_PORT %d", first, last)
	for port := first; port <= last; port++ {
		var on net.Listener
		if on, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return on, nil
		}
	}
	return nil, err
}
