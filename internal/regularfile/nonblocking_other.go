//go:build !unix

package regularfile

// nonblocking is nothing: no file of this system waits when it is opened.
const nonblocking = 0
