package fuzz_test

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Where bbolt keeps a root: in the first two pages, behind the header of the page,
// with a checksum at its end (https://github.com/etcd-io/bbolt/blob/main/internal/common/meta.go).
const (
	rootAt    = 16
	summedLen = 56
)

// newContent returns the content of a store with branches, leaves and free pages,
// up to its last page in use. It is small, because each execution reads all of it.
func newContent(f *testing.F) []byte {
	f.Helper()
	path := filepath.Join(memory(f), "ec2.db")
	e := newEmulator(f, path, 24, 250)
	post(f, e, "CreateTrafficMirrorFilter")
	post(f, e, "DeleteTrafficMirrorFilter&TrafficMirrorFilterId="+id(mirror.KindFilter, 1)) // leaves free pages
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	page := os.Getpagesize()
	used := (len(bytes.TrimRight(content, "\x00")) + page - 1) / page * page
	return content[:used]
}

// sign makes the checksums of both roots right, so that what the roots say is
// believed.
func sign(content []byte) {
	for _, page := range []int{0, os.Getpagesize()} {
		root := content[page+rootAt:]
		sum := fnv.New64a()
		sum.Write(root[:summedLen])
		binary.NativeEndian.PutUint64(root[summedLen:], sum.Sum64())
	}
}

// Any file is opened or refused. If it is opened, requests are answered: bbolt reads
// its pages without a panic, and nothing loops.
func FuzzStoreFile(f *testing.F) {
	whole, folder, executions := newContent(f), memory(f), 0
	page := os.Getpagesize()
	f.Add(uint32(0), []byte{}, false)
	for root := range 2 {
		for at := rootAt; at < rootAt+summedLen; at += 4 {
			f.Add(uint32(root*page+at), []byte{3, 0, 0, 0}, true)
		}
	}
	for p := 2; p*page < len(whole); p++ {
		for _, at := range []int{0, 8, 10, 12, 16, 17, 20, 24, 28, 32} {
			for _, patch := range [][]byte{{0xFF, 0xFF}, {2, 0, 0, 0}, {65}} {
				f.Add(uint32(p*page+at), patch, false)
			}
		}
	}
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, signed bool) {
		content := bytes.Clone(whole)
		copy(content[int(at)%len(content):], patch)
		if signed {
			sign(content)
		}
		// A path of its own: what a broken file has left running may still hold it.
		executions++
		path := filepath.Join(folder, strconv.Itoa(executions))
		defer os.Remove(path)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := emulator.New(emulator.Options{Path: path})
		if err != nil {
			return
		}
		for _, action := range []string{"CreateTrafficMirrorFilter", "DescribeTags", "DescribeNetworkInterfaces"} {
			w := answer(e, http.MethodPost, "/", "", anAction+action, formType, "")
			checkAnswer(t, w)
			if text := w.Body.String(); strings.Contains(text, "it is damaged") {
				t.Errorf("it was opened, and %s made the reader of its pages panic: %s", action, text)
			}
		}
	})
}
