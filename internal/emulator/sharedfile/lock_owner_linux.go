package sharedfile

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// holder names the process that holds the lock of a file.
func holder(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return anotherProcess(path)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return anotherProcess(path)
	}
	locks, err := os.Open("/proc/locks")
	if err != nil {
		return anotherProcess(path)
	}
	defer locks.Close()
	inode := fmt.Sprintf(":%d", stat.Ino)
	for lines := bufio.NewScanner(locks); lines.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 4242 08:01:1234567 0 EOF
		fields := strings.Fields(lines.Text())
		if len(fields) == 8 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], inode) {
			return describeProcess(fields[4])
		}
	}
	return anotherProcess(path)
}

func describeProcess(pid string) string {
	command, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "process " + pid
	}
	return fmt.Sprintf("process %s (%s)", pid, strings.TrimSpace(string(command)))
}
