//go:build unix

package regularfile

import "syscall"

// nonblocking makes open return at once, also where the path is a named pipe.
const nonblocking = syscall.O_NONBLOCK
