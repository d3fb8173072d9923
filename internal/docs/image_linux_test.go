package docs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// An image is what a Dockerfile makes, as far as it uses the instructions that this test knows.
type image struct {
	root                     string // the root file system
	uid, gid                 int
	folder                   string // the working directory
	entrypoint, cmd, healthy []string
}

// buildImage carries out ../../Dockerfile. context has the files that COPY names.
func buildImage(t *testing.T, context string) *image {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	i := &image{root: t.TempDir()}
	if err := os.Chmod(i.root, 0o755); err != nil { // as Docker makes it, and not writable for the user
		t.Fatal(err)
	}
	joined := strings.ReplaceAll(string(text), "\\\n", " ")
	for line := range strings.Lines(joined) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		i.instruct(t, context, name, strings.TrimSpace(rest))
	}
	return i
}

func (i *image) instruct(t *testing.T, context, name, rest string) {
	t.Helper()
	switch name {
	case "LABEL", "EXPOSE":
	case "FROM":
		if rest != "scratch" {
			t.Fatalf("FROM %s is not known here", rest)
		}
	case "ARG":
		if rest != "TARGETPLATFORM" {
			t.Fatalf("ARG %s is not known here", rest)
		}
	case "COPY":
		i.copy(t, context, strings.Fields(rest))
	case "USER":
		if n, err := fmt.Sscanf(rest, "%d:%d", &i.uid, &i.gid); n != 2 || err != nil {
			t.Fatalf("USER %s is not numeric", rest)
		}
	case "WORKDIR": // BuildKit makes it for the user
		i.folder = rest
		if err := errors.Join(os.Mkdir(filepath.Join(i.root, rest), 0o755), os.Chown(filepath.Join(i.root, rest), i.uid, i.gid)); err != nil {
			t.Fatal(err)
		}
	case "ENTRYPOINT":
		i.entrypoint = execForm(t, rest)
	case "CMD":
		i.cmd = execForm(t, rest)
	case "HEALTHCHECK":
		_, command, _ := strings.Cut(rest, " CMD ")
		i.healthy = execForm(t, command)
	default:
		t.Fatalf("%s is not known here", name)
	}
}

// copy copies one file.
func (i *image) copy(t *testing.T, context string, words []string) {
	t.Helper()
	if len(words) != 3 || words[0] != "--chmod=0755" {
		t.Fatalf("COPY %v is not known here", words)
	}
	pattern := strings.ReplaceAll(words[1], "${TARGETPLATFORM}", "linux/"+runtime.GOARCH)
	found, err := filepath.Glob(filepath.Join(context, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("COPY %s finds %q, %v", pattern, found, err)
	}
	content, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(i.root, words[2]), content, 0o755); err != nil {
		t.Fatal(err)
	}
}

// execForm reads a command, which a shell would have to read in any other form.
func execForm(t *testing.T, text string) (command []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &command); err != nil || len(command) == 0 {
		t.Fatalf("%s is not the exec form: %v", text, err)
	}
	return command
}

// command is a command in the image, as its user, without an environment.
func (i *image) command(t *testing.T, words ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.Dir, cmd.Env = i.folder, []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: i.root, Credential: &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}}
	return cmd
}

// checkHealth runs the health check of the image.
func (i *image) checkHealth(t *testing.T, wantStatus int, wantText string) {
	t.Helper()
	cmd := i.command(t, i.healthy...)
	output, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != wantStatus || !strings.Contains(string(output), wantText) {
		t.Fatalf("the health check: %v\n%s\nwant exit %d and %q", err, output, wantStatus, wantText)
	}
}

// ownNetwork gives this goroutine a network of its own with a loopback interface. Nobody else
// uses its ports, and what it starts is in it. The thread ends with the goroutine.
func ownNetwork(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		t.Skipf("no network of its own: %v", err)
	}
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(socket)
	var request struct { // struct ifreq
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], "lo")
	request.flags = syscall.IFF_UP | syscall.IFF_RUNNING
	if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); code != 0 {
		t.Fatal(code)
	}
}

// status asks the image for its health, as a client that names it host and comes from a page of
// origin does.
func status(t *testing.T, host, origin string) int {
	t.Helper()
	connection, err := net.Dial("tcp", "127.0.0.1:4566") // by this thread, as an http.Client would not
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+"/_emulator/health", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	if err := req.Write(connection); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// The image of the Dockerfile needs nothing but its own files: its command serves, its health check
// says whether it does, and it writes in its working directory only. No daemon is there to build
// it, so the test makes the same root file system.
func TestAccImage(t *testing.T) {
	if os.Getenv("TF_ACC") == "" || os.Geteuid() != 0 {
		t.Skip("chroot needs root, and acceptance tests run where TF_ACC is set")
	}
	t.Parallel()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	context := t.TempDir()
	place := filepath.Join(context, "linux", runtime.GOARCH)
	if err := errors.Join(os.MkdirAll(place, 0o700), os.Symlink(filepath.Join(binary, programName), filepath.Join(place, programName+"_v"+version))); err != nil {
		t.Fatal(err)
	}
	i := buildImage(t, context)
	ownNetwork(t)
	i.checkHealth(t, 1, "no embedded EC2 answers at http://127.0.0.1:4566")

	server := i.command(t, append(i.entrypoint, i.cmd...)...)
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var messages strings.Builder
	server.Stderr = &messages
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || !strings.Contains(line, "listens on http://127.0.0.1:4566") {
		_ = server.Wait()
		t.Fatalf("it prints %q, %v\n%s", line, err, &messages)
	}
	i.checkHealth(t, 0, "ok")
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"localhost:4566", "", http.StatusOK},
		{"127.0.0.1:32768", "", http.StatusOK}, // the port that Docker publishes
		{"emulator:4566", "", http.StatusForbidden},
		{"localhost:4566", "https://example.com", http.StatusForbidden},
	} {
		if got := status(t, c.host, c.origin); got != c.want {
			t.Errorf("Host %s, Origin %q: %d, want %d", c.host, c.origin, got, c.want)
		}
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, output) // until it ends
	if err := server.Wait(); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	info, err := os.Stat(filepath.Join(i.root, i.folder, "ec2.db"))
	if err != nil {
		t.Fatal(err)
	}
	if owner, known := info.Sys().(*syscall.Stat_t); !known || int(owner.Uid) != i.uid || i.uid == 0 {
		t.Errorf("the state belongs to %v, want user %d", owner, i.uid)
	}
}
