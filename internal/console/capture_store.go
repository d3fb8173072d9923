package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The bounds of captures. A browser session has its own.
const (
	maxCaptureSize = 256 << 20 // bytes of a file
	maxCaptures    = 8         // of a browser session
	maxAllCaptures = 32        // of the process
)

// abandoned is how long after its last request a browser is taken to have left: its files make
// room for those of others.
const abandoned = 30 * time.Minute

// captures are the files that browsers have sent. They are in a folder that only the user of the
// process can read, and each browser session sees its own. They are gone when they are removed,
// and with the process.
type captures struct {
	mu     sync.Mutex
	folder string // "": not made yet
	all    []*captureFile
}

// A captureFile is a capture that a browser has sent, on an interface.
type captureFile struct {
	id          string
	session     string // of the browser
	name        string
	interfaceID string
	direction   mirror.Direction // of every packet; "": each packet shows its own
	size        int64
	sent        time.Time
	seen        time.Time // when the browser has asked for any page

	file *os.File
	path string // "": the file is removed already, and lives as long as it is open

	mu  sync.Mutex
	ran *captureRun // the last run; nil: none
}

// A noRoomError says that there is no room for another file.
type noRoomError string

// Error says what to do.
func (e noRoomError) Error() string { return string(e) }

func isNoRoom(err error) bool {
	var noRoom noRoomError
	return errors.As(err, &noRoom)
}

// add keeps what a browser sends. The error is a *capture.FormatError if it is no capture.
func (c *captures) add(in io.Reader, as *captureFile) (err error) {
	if err := c.mayAdd(as.session); err != nil {
		return err
	}
	as.file, as.path, err = c.create()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			as.remove()
		}
	}()
	if as.size, err = io.Copy(as.file, in); err != nil {
		return err
	}
	if _, err := capture.NewReader(as.read()); err != nil {
		return err
	}
	as.id = rand.Text()
	as.name = cleanName(as.name)
	as.seen = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	gives, err := c.room(as.session)
	if err != nil { // others may have come meanwhile
		return err
	}
	if gives != nil {
		c.all = slices.DeleteFunc(c.all, func(f *captureFile) bool { return f == gives })
		gives.remove()
	}
	c.all = append(c.all, as)
	return nil
}

// see notes that a browser is still there.
func (c *captures) see(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.all {
		if f.session == session {
			f.seen = time.Now()
		}
	}
}

func (c *captures) mayAdd(session string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.room(session)
	return err
}

// room returns an error if there is no room for another file of a browser session, and the file
// that has to give its place; nil: none has.
func (c *captures) room(session string) (gives *captureFile, err error) {
	own := 0
	for _, f := range c.all {
		if f.session == session {
			own++
		} else if gives == nil || f.seen.Before(gives.seen) {
			gives = f
		}
	}
	switch {
	case own >= maxCaptures:
		return nil, noRoomError(fmt.Sprintf("there are %d files already. Remove one of them first", maxCaptures))
	case len(c.all) < maxAllCaptures:
		return nil, nil
	case time.Since(gives.seen) < abandoned:
		return nil, noRoomError(fmt.Sprintf("all browsers together have %d files already. Remove some of them in the browsers that have sent them. Files of a browser that asks for no page for %d minutes make room by themselves", maxAllCaptures, int(abandoned.Minutes())))
	}
	return gives, nil
}

// create makes an empty file. Where the system allows it, the file is removed at once, so that
// it is gone with the process however that ends.
func (c *captures) create() (*os.File, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.folder == "" {
		folder, err := os.MkdirTemp("", "trafficmirror-console-") // with the mode 0700
		if err != nil {
			return nil, "", err
		}
		c.folder = folder
	}
	file, err := os.CreateTemp(c.folder, "capture-")
	if err != nil {
		return nil, "", err
	}
	if os.Remove(file.Name()) == nil { //nolint:gosec // os.CreateTemp has made the name
		return file, "", nil
	}
	return file, file.Name(), nil
}

// of returns the captures of a browser session, in the order in which they were sent.
func (c *captures) of(session string) (own []*captureFile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.all {
		if f.session == session {
			own = append(own, f)
		}
	}
	return own
}

// find returns a capture of a browser session, or nil.
func (c *captures) find(session, id string) *captureFile {
	for _, f := range c.of(session) {
		if f.id == id {
			return f
		}
	}
	return nil
}

// remove removes a capture of a browser session, if it is still there.
func (c *captures) remove(session, id string) {
	if found := c.find(session, id); found != nil {
		c.removeAll([]*captureFile{found})
	}
}

// removeAll removes captures.
func (c *captures) removeAll(files []*captureFile) {
	c.mu.Lock()
	c.all = slices.DeleteFunc(c.all, func(f *captureFile) bool { return slices.Contains(files, f) })
	c.mu.Unlock()
	for _, f := range files {
		f.remove()
	}
}

// close removes all captures.
func (c *captures) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.all {
		f.remove()
	}
	c.all = nil
	if c.folder == "" {
		return nil
	}
	folder := c.folder
	c.folder = ""
	return os.RemoveAll(folder)
}

// remove closes the file and removes it.
func (f *captureFile) remove() {
	_ = f.file.Close()
	if f.path != "" {
		_ = os.Remove(f.path) //nolint:gosec // os.CreateTemp has made the name
	}
}

// read reads the file from its beginning. Several readers may read it at the same time.
func (f *captureFile) read() io.Reader { return io.NewSectionReader(f.file, 0, f.size) }

// cleanName returns the last part of a name that a browser sends, so that it can be the name of a
// download.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(filepath.ToSlash(name), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`"/\`, r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 100 {
		name = string(runes[:100])
	}
	if name == "" || name == "." || name == ".." {
		return "capture"
	}
	return name
}

// baseName is the name of the file without its endings.
func (f *captureFile) baseName() string {
	name := f.name
	for _, ending := range []string{".gz", ".zst", ".pcap", ".pcapng", ".cap"} {
		name = strings.TrimSuffix(name, ending)
	}
	ascii := strings.Map(func(r rune) rune {
		if r > '~' {
			return '_'
		}
		return r
	}, name)
	if ascii == "" {
		return "capture"
	}
	return ascii
}

// Close removes the captures that browsers have sent.
func (c *Console) Close() error { return c.captures.close() }
